/** Opens the database: checked, brought to the latest version, set aside when it is damaged. */
import { existsSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError, toErrorValue } from '../../shared/errors.ts';
import { companions, type Damaged, putInPlace, removeDatabase, setAside } from './files.ts';
import { migrations as all } from './migrations.ts';
import { damaged, guarded, type Held } from './sqlite-errors.ts';
import { tablesOf } from './statements.ts';

export const inMemory = ':memory:';

/** 'LLMB': that the file is ours. */
const applicationId = 0x4c4c4d42;

export interface OpenOptions {
  readonly migrations?: readonly string[];
  readonly held?: Held;
  /** A database was found damaged and set aside; a new one takes its place, if there is room for it. */
  readonly onDamaged?: (damaged: Damaged) => void;
}

/**
 * Throws `disk-full`, `busy` (another process has it), `unsupported` (a newer Llamba wrote it) or `file-unreadable`; the
 * files are then as they were, and it may be tried again. Killed at any moment, it leaves the database in the old
 * version or in the new.
 */
export function openDatabase(path: string, options: OpenOptions = {}): DatabaseSync {
  const { migrations = all, held = 'sessions', onDamaged = () => {} } = options;
  if (path === inMemory) {
    const db = new DatabaseSync(path);
    migrate(db, migrations);
    return configured(db);
  }
  const guard = <T>(work: () => T): T => guarded(dirname(path), work, held);
  const error = existsSync(path) ? null : withoutDatabase(path, held);
  if (error) onDamaged(setAside(path, error));
  if (!existsSync(path)) guard(() => create(path, migrations));
  try {
    return guard(() => open(path, migrations, held));
  } catch (thrown) {
    const error = toErrorValue(thrown);
    if (error.code !== 'storage-damaged') throw thrown;
    onDamaged(setAside(path, error));
  }
  return guard(() => {
    create(path, migrations);
    return open(path, migrations, held);
  });
}

/** A log that is left of a database would be read into a new one of its name. */
const withoutDatabase = (path: string, held: Held): AppError | null =>
  companions.some((suffix) => existsSync(path + suffix))
    ? damaged('its file is gone, only its log is left', held)
    : null;

/** A new database comes into being under another name: so an empty or foreign file is known for a damaged one. */
function create(path: string, migrations: readonly string[]): void {
  const temporary = `${path}.new`;
  removeDatabase(temporary);
  const db = new DatabaseSync(temporary);
  try {
    db.exec(`PRAGMA application_id = ${applicationId}`);
    migrate(db, migrations);
  } finally {
    db.close();
  }
  putInPlace(temporary, path);
}

function open(path: string, migrations: readonly string[], held: Held): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    // One process has it, see owner.ts: so the index of the log needs no file, and no room on a full disk.
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    const isOurs = pragma(db, 'application_id') === applicationId;
    if (!isOurs) throw damaged('it is empty, or no database of Llamba', held);
    db.exec('PRAGMA journal_mode = WAL');
    check(db, held);
    const version = versionOf(db);
    if (version > migrations.length) {
      throw new AppError(
        'unsupported',
        `The ${held} were written by a newer version of Llamba.`,
        'Start that version, or move the database out of its folder to begin a new one.',
      );
    }
    if (version < migrations.length) {
      backUp(db, `${path}.before-v${migrations.length}`);
      migrate(db, migrations);
    }
    return configured(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Every page of every table. What the search index says is left out, for that takes four times as long as all the
 * rest: a damaged index is made anew when it shows, see statements.ts.
 */
function check(db: DatabaseSync, held: Held): void {
  const tables = db.prepare(`SELECT name FROM pragma_table_list WHERE type IN ('table', 'shadow')`).all();
  for (const { name } of tables) {
    const found = pragma(db, `quick_check('${name}')`);
    if (found !== 'ok') throw damaged(String(found), held);
  }
}

function configured(db: DatabaseSync): DatabaseSync {
  db.exec(`
    PRAGMA synchronous = FULL;
    -- On macOS a plain fsync leaves the data in the drive's cache.
    PRAGMA fullfsync = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    -- Rows that are deleted for good are overwritten.
    PRAGMA secure_delete = ON;
    -- A log that once grew long gives its room back.
    PRAGMA journal_size_limit = ${16 * 2 ** 20}`);
  return db;
}

function backUp(db: DatabaseSync, path: string): void {
  const temporary = `${path}.tmp`;
  rmSync(temporary, { force: true });
  db.prepare('VACUUM INTO ?').run(temporary);
  putInPlace(temporary, path);
}

/** All of it, or nothing. Foreign keys are checked at its end only, so that tables may be made anew. */
function migrate(db: DatabaseSync, migrations: readonly string[]): void {
  db.exec('PRAGMA foreign_keys = OFF');
  tablesOf(db, null).transaction(() => {
    for (const migration of migrations.slice(versionOf(db))) db.exec(migration);
    const [broken] = db.prepare('PRAGMA foreign_key_check').all();
    if (broken) throw new Error(`Migrating left a row of ${broken.table} that belongs to nothing.`);
    db.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

const versionOf = (db: DatabaseSync): number => Number(pragma(db, 'user_version'));

const pragma = (db: DatabaseSync, name: string): unknown =>
  Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
