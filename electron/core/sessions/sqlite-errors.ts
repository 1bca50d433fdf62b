/** What SQLite says, as the app's errors. */
import { statfsSync } from 'node:fs';
import { AppError } from '../../shared/errors.ts';

/** Primary result codes, https://sqlite.org/rescode.html */
const code = {
  busy: 5,
  locked: 6,
  readonly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  notADatabase: 26,
};
const foreignKey = 787;
const virtualTable = 267;

/** What a database holds, as errors call it. */
export type Held = 'sessions' | 'documents';

/** Runs `work`; what SQLite throws in it comes out as an `AppError`. `folder`: where the database lies; null: nowhere. */
export function guarded<T>(folder: string | null, work: () => T, held: Held = 'sessions'): T {
  try {
    return work();
  } catch (thrown) {
    throw isSqlite(thrown) ? appError(thrown, folder, held) : thrown;
  }
}

/** Of a search index, which holds nothing that is not in a table too. */
export const isIndexDamage = (thrown: unknown): boolean =>
  isSqlite(thrown) && thrown.errcode === virtualTable;

interface SqliteError extends Error {
  readonly errcode: number;
}

const isSqlite = (thrown: unknown): thrown is SqliteError =>
  thrown instanceof Error && typeof (thrown as Partial<SqliteError>).errcode === 'number';

function appError({ errcode, message }: SqliteError, folder: string | null, held: Held): AppError {
  if (errcode === foreignKey) {
    const [code, hint] = goneFrom[held];
    return new AppError(code, 'What this belongs to is not there any more.', hint);
  }
  switch (errcode & 0xff) {
    case code.full:
      return diskFull();
    case code.corrupt:
    case code.notADatabase:
      return damaged(message, held);
    case code.busy:
    case code.locked:
      return new AppError('busy', `Another Llamba has the ${held} open.`, 'Close it, or go on there.');
    case code.io:
    case code.cantOpen:
    case code.readonly:
      if (hasNoRoom(folder)) return diskFull();
      return new AppError(
        'file-unreadable',
        `The ${held} on the disk cannot be read or written: ${message}.`,
        'Look whether the disk is there and may be written to, then start Llamba again.',
      );
    default:
      return new AppError(
        'internal',
        `The database refused: ${message} (${errcode}).`,
        'This is a fault of the app. Please report it with what you did.',
      );
  }
}

const goneFrom = {
  sessions: ['turn-not-found', 'Open the session again.'],
  documents: ['document-not-found', 'It was removed meanwhile. Add its file again.'],
} as const;

export const damaged = (what: string, held: Held = 'sessions'): AppError =>
  new AppError(
    'storage-damaged',
    `The database of the ${held} is damaged: ${what}.`,
    'When Llamba starts it is set aside, as it is. A copy of yours can be put in its place.',
  );

export const diskFull = (): AppError =>
  new AppError('disk-full', 'The disk is full.', 'Make some room: it goes on by itself.');

/** Some calls fail on a full disk without saying so. Less than one page of the database is no room. */
function hasNoRoom(folder: string | null): boolean {
  if (folder === null) return false;
  const { bavail, bsize, files, ffree } = statfsSync(folder);
  return bavail * bsize < 4096 || (files > 0 && ffree === 0);
}
