/** Where documents are kept: a database, and beside it the files of the states of their chunks. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import { openDatabase } from '../sessions/database.ts';
import type { Damaged } from '../sessions/files.ts';
import { takeOwnership } from '../sessions/owner.ts';
import { tablesOf } from '../sessions/statements.ts';
import { migrations, rebuildIndexes } from './migrations.ts';
import { type Quoting, quoting } from './quotes.ts';
import { type DocumentRow, type DocumentRows, documentRows } from './rows.ts';
import { type SummaryRows, summaryRows } from './summary-rows.ts';
import { type UsageRows, usageRows } from './usage-rows.ts';

export interface Library extends DocumentRows, UsageRows, SummaryRows, Quoting {
  /** The folder of state files. */
  readonly states: string;
  /** Does `work` in one transaction; files that nothing needs after it are removed once it is on the disk. */
  releasing<T>(work: () => T): T;
  close(): void;
}

/**
 * Opens what is kept below `data`: `documents.db`, and `documents/states`. Throws `busy` while another Llamba has it, and
 * what openDatabase throws. Files that no row names are removed, rows whose files are gone are forgotten.
 */
export function openLibrary(data: string, onDamaged: (damaged: Damaged) => void = () => {}): Library {
  const states = join(data, 'documents', 'states');
  mkdirSync(states, { recursive: true, mode: 0o700 });
  const owner = takeOwnership(join(data, 'documents', 'owner.lock'));
  if (!owner) throw elsewhere();
  try {
    const db = openDatabase(join(data, 'documents.db'), { migrations, held: 'documents', onDamaged });
    const tables = tablesOf(db, data, rebuildIndexes, 'documents');
    const rows = documentRows(tables);
    const remove = (file: string) => rmSync(join(states, file), { recursive: true, force: true });
    const releasing = <T>(work: () => T): T => {
      const before = rows.files();
      const result = tables.transaction(work);
      const after = rows.files();
      for (const file of before) if (!after.has(file)) remove(file);
      return result;
    };
    const needed = rows.files();
    const found = new Set(readdirSync(states));
    for (const name of found) if (!needed.has(name) && !name.includes('damaged-')) remove(name);
    rows.dropFiles([...needed].filter((name) => !found.has(name)));
    return {
      ...rows,
      ...usageRows(tables),
      ...summaryRows(tables),
      ...quoting(tables),
      states,
      releasing,
      close() {
        db.close();
        owner.release();
      },
    };
  } catch (error) {
    owner.release();
    throw error;
  }
}

/** Throws `document-not-found`. */
export function findDocument(library: Library, id: string): DocumentRow {
  const row = library.document(id);
  if (row) return row;
  throw new AppError(
    'document-not-found',
    `There is no document "${id}".`,
    'It was removed, or never came in. Add its file again.',
  );
}

/** With its states. */
export function removeDocument(library: Library, id: string): void {
  findDocument(library, id);
  library.releasing(() => {
    library.removeDocument(id);
    library.dropUnneeded();
  });
}

const elsewhere = () =>
  new AppError('busy', 'Another Llamba has the documents open.', 'Close it, or go on there.');
