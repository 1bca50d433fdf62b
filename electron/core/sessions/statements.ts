/** Statements prepared once, which fail with the app's errors. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { rebuildIndexes } from './migrations.ts';
import { guarded, type Held, isIndexDamage } from './sqlite-errors.ts';

export interface Statement<Row> {
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
  /** Gives how many rows it changed. */
  run(...values: SQLInputValue[]): number;
}

/** An open database, as the parts of the store use it. */
export interface Tables {
  prepare<Row = never>(sql: string): Statement<Row>;
  exec(sql: string): void;
  transaction<T>(work: () => T): T;
}

/** `folder`: where the database lies; null: in memory. `rebuild`: makes its search indexes anew. */
export function tablesOf(
  db: DatabaseSync,
  folder: string | null,
  rebuild = rebuildIndexes,
  held: Held = 'sessions',
): Tables {
  const guard = <T>(work: () => T): T => guarded(folder, work, held);
  const exec = (sql: string) => guard(() => db.exec(sql));

  /** A search index that shows damage is made anew from the tables. */
  const withIndex = <T>(work: () => T): T =>
    guard(() => {
      try {
        return work();
      } catch (thrown) {
        if (!isIndexDamage(thrown)) throw thrown;
        db.exec(rebuild);
        return work();
      }
    });

  function attempt<T>(work: () => T, begin: string, commit: string, undo: string): T {
    exec(begin);
    try {
      const result = work();
      exec(commit);
      return result;
    } catch (error) {
      // A full disk makes SQLite undo the whole transaction by itself.
      if (db.isTransaction) exec(undo);
      throw error;
    }
  }

  return {
    exec,
    prepare<Row>(sql: string): Statement<Row> {
      const statement = guard(() => db.prepare(sql));
      return {
        get: (...values) => withIndex(() => statement.get(...values)) as Row | undefined,
        all: (...values) => withIndex(() => statement.all(...values)) as Row[],
        run: (...values) => Number(withIndex(() => statement.run(...values)).changes),
      };
    },
    transaction: (work) =>
      db.isTransaction
        ? attempt(work, 'SAVEPOINT part', 'RELEASE part', 'ROLLBACK TO part; RELEASE part')
        : attempt(work, 'BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'),
  };
}

/** How each column that may change is written. */
export type Encoders<Change> = {
  readonly [Column in keyof Change]-?: (value: Exclude<Change[Column], undefined>) => SQLInputValue;
};

/**
 * An UPDATE of some columns of the row with an id; what is left out stays. There is one statement for each set of
 * columns, prepared when it is first asked for. Gives whether there is such a row.
 */
export function updater<Change extends object>(tables: Tables, table: string, encoders: Encoders<Change>) {
  const columns = Object.keys(encoders) as (keyof Change & string)[];
  const statements = new Map<string, Statement<never>>();
  return (id: string, change: Change): boolean => {
    const changed = columns.filter((column) => change[column] !== undefined);
    if (changed.length === 0) return true;
    const list = changed.map((column) => `${column} = ?`).join(', ');
    const statement = statements.get(list) ?? tables.prepare(`UPDATE ${table} SET ${list} WHERE id = ?`);
    statements.set(list, statement);
    const values = changed.map((column) =>
      encoders[column](change[column] as Exclude<Change[typeof column], undefined>),
    );
    return statement.run(...values, id) > 0;
  };
}

export const asIs = <T extends SQLInputValue>(value: T): T => value;
export const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
export const parsed = <T>(value: string | null): T | null => (value === null ? null : JSON.parse(value));
