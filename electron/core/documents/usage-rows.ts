/** Rows about the use of documents: whose reading is wanted, when each was used, what its states take, settings. */
import type { Tables } from '../sessions/statements.ts';

/** A state's file as the byte budget sees it. */
export interface StateUse {
  readonly file: string;
  readonly bytes: number;
  /** When a document that needs it was used last; 0: none needs it. */
  readonly usedAt: number;
  /** Its place in that document. */
  readonly number: number;
}

export interface UsageRows {
  /** Those whose reading is wanted, in the order in which it was asked for. */
  allWanted(): string[];
  isWanted(document: string): boolean;
  /** `at`: when its reading was asked for; null: it is not wanted any more. */
  want(document: string, at: number | null): void;
  used(document: string, at: number): void;
  /** Of states that none of the documents `held` needs. */
  stateUses(held: readonly string[]): StateUse[];
  /** Those that need one of the files. */
  needing(files: readonly string[]): string[];
  /** Of all states. */
  allStateBytes(): number;
  setting(name: string): string | null;
  putSetting(name: string, value: string): void;
}

export function usageRows({ prepare }: Tables): UsageRows {
  const allWanted = prepare<{ id: string }>(
    'SELECT id FROM documents WHERE wantedAt IS NOT NULL ORDER BY wantedAt, n',
  );
  const wanted = prepare('SELECT 1 FROM documents WHERE id = ? AND wantedAt IS NOT NULL');
  const want = prepare('UPDATE documents SET wantedAt = ? WHERE id = ?');
  const used = prepare('UPDATE documents SET usedAt = ? WHERE id = ?');
  const uses = prepare<StateUse>(
    `SELECT file, states.bytes, coalesce(max(usedAt), 0) AS usedAt, coalesce(number, 0) AS number
     FROM states LEFT JOIN chunks ON chunks.state = states.state LEFT JOIN documents ON documents.id = document
     GROUP BY states.state HAVING coalesce(max(document IN (SELECT value FROM json_each(?))), 0) = 0`,
  );
  const needing = prepare<{ document: string }>(
    `SELECT DISTINCT document FROM chunks JOIN states ON states.state = chunks.state
     WHERE file IN (SELECT value FROM json_each(?))`,
  );
  const bytes = prepare<{ bytes: number | null }>('SELECT sum(bytes) AS bytes FROM states');
  const setting = prepare<{ value: string }>('SELECT value FROM settings WHERE name = ?');
  const putSetting = prepare('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)');

  return {
    allWanted: () => allWanted.all().map(({ id }) => id),
    isWanted: (document) => wanted.get(document) !== undefined,
    want: (document, at) => void want.run(at, document),
    used: (document, at) => void used.run(at, document),
    stateUses: (held) => uses.all(JSON.stringify(held)),
    needing: (files) => needing.all(JSON.stringify(files)).map(({ document }) => document),
    allStateBytes: () => bytes.get()?.bytes ?? 0,
    setting: (name) => setting.get(name)?.value ?? null,
    putSetting: (name, value) => void putSetting.run(name, value),
  };
}
