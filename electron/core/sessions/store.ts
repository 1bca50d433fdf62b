/** The store of sessions: one SQLite database, read and written through the calls of rows.ts. */
import { dirname } from 'node:path';
import { inMemory, type OpenOptions, openDatabase } from './database.ts';
import { libraryRows } from './library-rows.ts';
import type { Store } from './rows.ts';
import { searching } from './search.ts';
import { sessionRows } from './session-rows.ts';
import { stateRows } from './state-rows.ts';
import { tablesOf } from './statements.ts';
import { turnRows } from './turn-rows.ts';

/**
 * Opens the database at `path`, or a new one in memory at ':memory:'. Throws what `openDatabase` throws, and may then be
 * called again. Any call of the store may throw `disk-full`: then nothing was written, and it may be made again.
 */
export function openStore(path: string, options: OpenOptions = {}): Store {
  const db = openDatabase(path, options);
  try {
    const tables = tablesOf(db, path === inMemory ? null : dirname(path));
    return {
      transaction: tables.transaction,
      ...sessionRows(tables),
      ...turnRows(tables),
      ...stateRows(tables),
      ...searching(tables),
      ...libraryRows(tables),
      close: () => db.close(),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}
