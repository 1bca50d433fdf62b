/** Who reads documents: a model with the words around each chunk. What it has read can be known again by its key. */
import { createHash } from 'node:crypto';
import { longestChunk } from '../../shared/documents.ts';
import type { Ready } from '../loaded-model.ts';
import type { Message, Tokenizer } from '../tokenizer.ts';

export interface Reader {
  /** Of this model, these words and this length; another of them reads everything once more. */
  readonly key: string;
  /** Ids before every chunk. */
  readonly opening: readonly number[];
  /** The most tokens of a chunk. */
  readonly limit: number;
  count(text: string): number;
  /** Ids of a chunk's text, which may name special tokens: they have no power. */
  encode(text: string): number[];
  /** Ids after a chunk that ask for something, up to the beginning of the reply. */
  ask(request: string): number[];
  /** What a state stands for in which the chunk was read. */
  stateOf(text: string): string;
}

export function readerOf({ tokenizer, defaults, fingerprint }: Ready): Reader {
  const [before, after] = around(tokenizer, defaults.defaultSystem);
  const opening = tokenizer.hasTemplate ? tokenizer.encode(before) : tokenizer.encodeAlone(before);
  const limit = Math.min(defaults.safeLength ?? longestChunk, longestChunk) - opening.length;
  const key = hash(fingerprint, before, String(limit));
  const encode = (text: string) => tokenizer.encode(tokenizer.inert(text));
  return {
    key,
    opening,
    limit,
    count: (text) => encode(text).length,
    encode,
    ask: (request) => tokenizer.encode(`\n\n${tokenizer.inert(request)}${after}`),
    stateOf: (text) => hash(fingerprint, before, text),
  };
}

/** Stands where the chunk and what is asked will stand; a noncharacter, which templates leave alone. */
const place = '\ufdd2';

function around(tokenizer: Tokenizer, system: string | null): readonly [before: string, after: string] {
  const content = `Here is part of a document:\n\n${place}`;
  if (!tokenizer.hasTemplate) return [content.slice(0, -1), '\n\n'];
  const messages: Message[] = [{ role: 'user', content }];
  if (system !== null) messages.unshift({ role: 'system', content: system });
  const [before = '', after = ''] = tokenizer.render(messages, true).split(place);
  return [before, after];
}

function hash(...parts: readonly string[]): string {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(`${part.length}:`).update(part, 'utf16le');
  return sum.digest('hex');
}
