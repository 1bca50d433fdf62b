/** Where a session is kept: rows, and beside them the files of its states. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from './rows.ts';

export interface Shelf {
  readonly store: Store;
  /** The folder of checkpoint files; null: all is in memory and never on the disk. */
  readonly states: string | null;
}

/** Does `work` in one transaction; files that no checkpoint needs after it are removed once it is on the disk. */
export function releasing<T>({ store, states }: Shelf, work: () => T): T {
  if (states === null) return store.transaction(work);
  const before = store.files();
  const result = store.transaction(work);
  const after = store.files();
  for (const file of before) {
    if (!after.has(file)) rmSync(join(states, file), { force: true });
  }
  return result;
}

/**
 * After whatever happened while nobody looked: files that no checkpoint names are removed, and checkpoints whose files are
 * gone are forgotten. What was set aside as damaged stays.
 */
export function sweep(store: Store, states: string): void {
  const needed = store.files();
  const found = new Set(readdirSync(states));
  for (const name of found) {
    if (!needed.has(name) && !name.includes('damaged-')) {
      rmSync(join(states, name), { recursive: true, force: true });
    }
  }
  const lost = [...needed].filter((name) => !found.has(name));
  if (lost.length > 0) store.dropFiles(lost);
}
