/** Every request that the app made, in a file of its own (or in memory), with the few settings of the network. */
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { LedgerEntry } from '../../shared/contract.ts';
import { guarded } from '../sessions/sqlite-errors.ts';

/** What a row says until its request has ended, and for ever if the app was killed before. */
export const unfinished = 'not finished';

export interface Ledger {
  /** Written before the first byte leaves. Gives the row's `at`, which no other row has. */
  begin(entry: Pick<LedgerEntry, 'at' | 'purpose' | 'host' | 'path'>): number;
  end(at: number, entry: Pick<LedgerEntry, 'sentBytes' | 'receivedBytes' | 'ms' | 'result'>): void;
  /** The latest first, of those before `before`. */
  page(before: number, limit: number): LedgerEntry[];
  totals(): { requests: number; receivedBytes: number };
  setting(name: string): string | null;
  set(name: string, value: string): void;
  close(): void;
}

const tables = `
  CREATE TABLE IF NOT EXISTS ledger (
    at INTEGER PRIMARY KEY,
    purpose TEXT NOT NULL,
    host TEXT NOT NULL,
    path TEXT NOT NULL,
    sentBytes INTEGER NOT NULL DEFAULT 0,
    receivedBytes INTEGER NOT NULL DEFAULT 0,
    ms INTEGER NOT NULL DEFAULT 0,
    result TEXT NOT NULL DEFAULT '${unfinished}'
  ) STRICT;
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`;

/**
 * `folder`: where network.db lies; null: in memory. A damaged file is set aside and kept. It is opened when it is first
 * needed, and where that fails (a full disk) again the next time: without it no request leaves, but the app starts.
 */
export function openLedger(folder: string | null): Ledger {
  let opened: ReturnType<typeof prepare> | null = null;
  const at = () => {
    opened ??= guarded(folder, () => prepare(folder === null ? open(':memory:') : openFile(folder)));
    return opened;
  };
  return {
    begin: (entry) => Number(at().insert.get(entry.at, entry.purpose, entry.host, entry.path)?.at),
    end: (row, { sentBytes, receivedBytes, ms, result }) => {
      try {
        at().update.run(sentBytes, receivedBytes, Math.round(ms), result, row);
      } catch {
        // A full disk: the row stays, and says of itself that its end is not known.
      }
    },
    page: (before, limit) =>
      at()
        .page.all(before, limit)
        .map((row) => ({ ...row }) as unknown as LedgerEntry),
    totals: () => {
      const row = at().totals.get();
      return { requests: Number(row?.requests), receivedBytes: Number(row?.receivedBytes) };
    },
    setting: (name) => (at().setting.get(name)?.value as string | undefined) ?? null,
    set: (name, value) => void at().set.run(name, value),
    close: () => opened?.db.close(),
  };
}

const prepare = (db: DatabaseSync) => ({
  db,
  insert: db.prepare(
    `INSERT INTO ledger (at, purpose, host, path)
     VALUES (max(?, (SELECT coalesce(max(at), 0) + 1 FROM ledger)), ?, ?, ?) RETURNING at`,
  ),
  update: db.prepare('UPDATE ledger SET sentBytes = ?, receivedBytes = ?, ms = ?, result = ? WHERE at = ?'),
  page: db.prepare('SELECT * FROM ledger WHERE at < ? ORDER BY at DESC LIMIT ?'),
  totals: db.prepare(
    'SELECT count(*) AS requests, coalesce(sum(receivedBytes), 0) AS receivedBytes FROM ledger',
  ),
  setting: db.prepare('SELECT value FROM settings WHERE name = ?'),
  set: db.prepare('INSERT OR REPLACE INTO settings VALUES (?, ?)'),
});

function openFile(folder: string): DatabaseSync {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'network.db');
  try {
    return open(path);
  } catch (error) {
    if (!/malformed|not a database/.test((error as Error).message)) throw error;
    renameSync(path, `${path}.damaged-${Date.now()}`);
    return open(path);
  }
}

function open(path: string): DatabaseSync {
  // The command line may fetch beside the app: each waits for the other's row.
  const db = new DatabaseSync(path, { timeout: 5000 });
  try {
    // NORMAL: a killed app loses no row; a power cut may lose the last ones, and no request waits for the disk.
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${tables}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
