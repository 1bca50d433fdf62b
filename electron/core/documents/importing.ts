/** A file comes in: known again by its content, else its text is taken out of it. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../shared/errors.ts';
import { cancelled } from '../aborting.ts';
import type { Library } from './library.ts';
import type { DocumentRow } from './rows.ts';
import { type ExtractControl, extractText } from './text/extract.ts';
import { cannotOpen } from './text/unreadable.ts';

export interface Imported {
  readonly document: DocumentRow;
  /** known: this very content is here; changed: another content of that file was, whose place it takes. */
  readonly as: 'new' | 'known' | 'changed';
}

export interface ImportControl extends ExtractControl {
  /** The file lies here only for now, and is called so: another of that name need not be the same. */
  readonly name?: string | null;
}

/** Throws `document-unreadable`, `file-unreadable`, `disk-full` or `cancelled`; then nothing has changed. */
export async function importDocument(
  library: Library,
  file: string,
  { name = null, ...control }: ImportControl = {},
): Promise<Imported> {
  const path = resolve(file);
  const { hash, bytes } = await fingerprintOf(path, control.signal);
  const known = library.byHash(hash);
  if (known) {
    const moved = name === null && known.path !== path;
    if (moved) library.movedTo(known.id, path);
    return { document: moved ? { ...known, path } : known, as: 'known' };
  }
  const { kind, title, pages, characters, notes } = await extractText(path, control);
  // What was hashed and what was read must be one thing.
  if ((await fingerprintOf(path, control.signal)).hash !== hash) throw changing(path);
  const before = name === null ? library.byPath(path) : null;
  const document: DocumentRow = {
    id: before?.id ?? randomUUID(),
    hash,
    path: name ?? path,
    title,
    kind,
    bytes,
    pages: pages.length,
    characters,
    notes,
    addedAt: Date.now(),
  };
  // States of its former text stay for now: reading takes over those of chunks that are the same.
  library.putDocument(document, pages);
  return { document, as: before ? 'changed' : 'new' };
}

async function fingerprintOf(path: string, signal?: AbortSignal): Promise<{ hash: string; bytes: number }> {
  const sum = createHash('sha256');
  let bytes = 0;
  try {
    // A pipe or a device might never end.
    if (!(await stat(path)).isFile()) throw Object.assign(new Error(), { code: 'EISDIR' });
    const file = createReadStream(path);
    file.on('data', (piece) => {
      bytes += piece.length;
    });
    await pipeline(file, sum, signal ? { signal } : {});
  } catch (error) {
    if (signal?.aborted) throw cancelled();
    throw cannotOpen(path, error as NodeJS.ErrnoException);
  }
  return { hash: sum.digest('hex'), bytes };
}

const changing = (path: string) =>
  new AppError('busy', `${path} is being written while it is read.`, 'Try again when it is finished.');
