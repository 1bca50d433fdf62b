/** Small JSON answers: read whole, within a bound, and checked against a schema. */
import * as v from 'valibot';
import { NetworkError, statusError } from './failures.ts';
import type { Answer } from './network.ts';

const mostBytes = 32 * 2 ** 20;

/** Throws a NetworkError for a status that is no success and for what is not as `schema` has it. */
export async function readJson<T>(
  answer: Answer,
  path: string,
  schema: v.GenericSchema<unknown, T>,
): Promise<T> {
  if (answer.status !== 200) {
    await answer.discard();
    throw statusError(answer.host, path, answer.status, answer.headers['retry-after'], Date.now());
  }
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of answer.body) {
    bytes += piece.length;
    if (bytes > mostBytes) throw strange(answer.host, path);
    pieces.push(piece);
  }
  const result = v.safeParse(schema, parse(Buffer.concat(pieces).toString('utf8')));
  if (result.success) return result.output;
  throw strange(answer.host, path);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const strange = (host: string, path: string) =>
  new NetworkError(
    'network-failed',
    `${host} answered ${path} with something else than expected.`,
    'Is it the address of a hub? A sign-in page of the network may be in between.',
  );
