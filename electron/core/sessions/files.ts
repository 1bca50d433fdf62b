/** Files that must be there, whole, under their name after a crash. */
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import type { AppErrorValue } from '../../shared/errors.ts';
import type { Storage } from '../../shared/sessions.ts';

/** A file or a folder; of a folder, the names in it. */
export function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Whoever looks finds the old file or the whole new one; nobody but its owner may read it. */
export function putInPlace(temporary: string, path: string): void {
  chmodSync(temporary, 0o600);
  sync(temporary);
  renameSync(temporary, path);
  sync(dirname(path));
}

/** What SQLite may have laid beside a database. */
export const companions = ['-wal', '-shm', '-journal'] as const;

export function removeDatabase(path: string): void {
  for (const suffix of ['', ...companions]) rmSync(path + suffix, { force: true });
}

export type Damaged = Storage['damaged'][number];

/** Moves a damaged database out of the way, to a dated name beside it: never over another, and nothing is deleted. */
export function setAside(path: string, { code, message, hint }: AppErrorValue, at = Date.now()): Damaged {
  const { dir, name, ext } = parse(path);
  const date = new Date(at).toISOString().replaceAll(':', '-');
  const aside = join(dir, `${name}-damaged-${date}${ext}`);
  // The database first: left alone with an older state of itself, it could be taken for whole.
  for (const suffix of ['', ...companions]) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  sync(dir);
  return { path: aside, error: { code, message, hint }, at };
}
