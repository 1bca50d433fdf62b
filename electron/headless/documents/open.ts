/** Documents as commands use them: the library of this user, and a document by how a person names it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Imported, importDocument } from '../../core/documents/importing.ts';
import { findDocument, type Library, openLibrary } from '../../core/documents/library.ts';
import type { DocumentRow } from '../../core/documents/rows.ts';
import { userData } from '../local-core.ts';
import { byBeginning } from '../sessions/ids.ts';

/** Open while `work` runs. A database that was damaged is set aside, and told. */
export async function withLibrary<T>(work: (library: Library) => Promise<T>): Promise<T> {
  const library = openLibrary(userData, ({ path, error }) =>
    process.stderr.write(`llamba: ${error.message} It was set aside: ${path}\n`),
  );
  try {
    return await work(library);
  } finally {
    library.close();
  }
}

/** By the file's path, or by its id or how that begins. Throws `document-not-found`. */
export function namedDocument(library: Library, name: string): DocumentRow {
  const known = library.byPath(resolve(name));
  if (known) return known;
  const ids = library.documents().map(({ id }) => id);
  return findDocument(library, byBeginning(name, ids));
}

/** A file is brought in, so that what is asked is asked of what it holds now; any other name is of a known document. */
export async function broughtIn(library: Library, name: string, signal: AbortSignal): Promise<Imported> {
  const ids = library.documents().map(({ id }) => id);
  const isId = ids.some((id) => id.startsWith(name));
  if (isId && !existsSync(name)) return { document: namedDocument(library, name), as: 'known' };
  return importDocument(library, name, { signal });
}
