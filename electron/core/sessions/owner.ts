/** Who may write: the process that holds the lock. The system frees it when the process ends, however it ends. */
import { DatabaseSync } from 'node:sqlite';
import { toErrorValue } from '../../shared/errors.ts';
import { guarded } from './sqlite-errors.ts';

export interface Ownership {
  release(): void;
}

/**
 * null: another process has it. `path`: a file of its own, `owner.lock`. SQLite's lock on it works on every system that
 * the app runs on and needs no room on the disk. Throws `file-unreadable`.
 */
export function takeOwnership(path: string): Ownership | null {
  try {
    return guarded(null, () => {
      const lock = new DatabaseSync(path, { timeout: 0 });
      try {
        lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      } catch (error) {
        lock.close();
        throw error;
      }
      return { release: () => lock.close() };
    });
  } catch (error) {
    if (toErrorValue(error).code === 'busy') return null;
    throw error;
  }
}
