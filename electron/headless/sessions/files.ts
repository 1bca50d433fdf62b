/** Sessions to files and back, in pieces: a file of states may be larger than memory. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, parse, resolve } from 'node:path';
import type { Contract, ExportFormat, Session } from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import type { Client } from '../../shared/rpc.ts';

type Rpc = Client<Contract>;

export interface Exported {
  readonly name: string;
  readonly bytes: number;
  /** null: it went to standard output. */
  readonly path: string | null;
}

/** Written under another name first: what has the final one is whole. `to` is a path, - for standard output. */
export async function exportTo(
  rpc: Rpc,
  params: { session: string; format: ExportFormat },
  to: string | undefined,
): Promise<Exported> {
  if (to === '-') return { ...(await writePieces(rpc, params, 1)), path: null };
  const part = resolve(`${to ?? params.session}.${process.pid}.part`);
  try {
    const file = openSync(part, 'wx');
    try {
      const result = await writePieces(rpc, params, file);
      const path = resolve(to ?? freeName(basename(result.name)));
      fsyncSync(file);
      renameSync(part, path);
      return { ...result, path };
    } finally {
      closeSync(file);
      rmSync(part, { force: true });
    }
  } catch (error) {
    throw fileError(to ?? part, error);
  }
}

/** What is here already is nobody's to overwrite, unless it was named. */
function freeName(name: string): string {
  const { name: stem, ext } = parse(name);
  for (let n = 2, free = name; ; n++) {
    if (!existsSync(free)) return free;
    free = `${stem} ${n}${ext}`;
  }
}

/** What cannot be written ends the export. */
async function writePieces(rpc: Rpc, params: { session: string; format: ExportFormat }, file: number) {
  const abort = new AbortController();
  let failure: unknown = null;
  const write = ({ data }: { data: string }) => {
    try {
      const bytes = Buffer.from(data, 'base64');
      for (let at = 0; at < bytes.length && !failure; ) at += writeSync(file, bytes, at);
    } catch (error) {
      failure ??= error;
      abort.abort();
    }
  };
  const exported = rpc.stream('sessions.export', params, write, abort.signal);
  const result = await exported.catch((error) => {
    throw failure ?? error;
  });
  if (failure) throw failure;
  return result;
}

const pieceBytes = 4 * 2 ** 20;

export async function importFrom(rpc: Rpc, path: string): Promise<Session> {
  try {
    const file = await open(path);
    const { import: id } = await rpc.call('imports.begin', { name: basename(path) });
    for await (const piece of file.createReadStream({ highWaterMark: pieceBytes })) {
      await rpc.call('imports.add', { import: id, data: (piece as Buffer).toString('base64') });
    }
    return await rpc.call('imports.finish', { import: id });
  } catch (error) {
    throw fileError(path, error);
  }
}

function fileError(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof AppError || code === undefined) return error;
  if (code === 'ENOSPC') return new AppError('disk-full', `There is no room for ${path}.`, 'Make room.');
  return new AppError(
    'file-unreadable',
    `${path} cannot be read or written (${code}).`,
    'Check its name and permissions.',
  );
}
