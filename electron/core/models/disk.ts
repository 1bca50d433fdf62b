/** Room on the disk, and writing so that a power cut leaves the old or the new. */
import { open, readdir, rename, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import { inWords } from './fit.ts';

/** Bytes that this user may still write at `folder`. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Throws `disk-full` when fewer than `bytes` would be left, saying by how much. */
export async function needRoom(folder: string, bytes: number): Promise<void> {
  const missing = bytes - (await freeBytes(folder));
  if (missing > 0) throw diskFull(`The disk needs ${inWords(missing)} more free space.`);
}

export const diskFull = (message = 'The disk is full.') =>
  new AppError('disk-full', message, 'Make some room, then go on: what was fetched is kept.');

/** A failed file operation as an AppError; everything else stays as it is. */
export function toSystemError(error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull();
  if (syscall === undefined || error instanceof AppError) return error;
  return new AppError(
    'file-unreadable',
    `A model's file cannot be read or written (${code}).`,
    'Check that the disk is there and that the models folder may be written to.',
  );
}

/** Replaces a small file as a whole, safely on the disk. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.new`;
  await writeFile(temporary, content, { flush: true });
  await rename(temporary, path);
}

/** Brings a folder and all below it safely to the disk. */
export async function syncFolder(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) await syncPath(join(entry.parentPath, entry.name));
    else if (entry.isDirectory()) await syncPath(join(entry.parentPath, entry.name));
  }
  await syncPath(folder);
}

/** A whole folder appears under its name, or does not. Throws `busy` when something is there already. */
export async function publishFolder(folder: string, destination: string): Promise<void> {
  await syncFolder(folder);
  await rename(folder, destination).catch((error) => {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(error.code)) throw error;
    throw new AppError('busy', `${destination} is there already.`, 'Remove that model first.');
  });
  await syncPath(dirname(destination));
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
