/** What removing a model gives back. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes that the disk gets back when `path`, a folder or a file, goes: of a file that has names elsewhere nothing, of a link only the link. */
export async function bytesFreedBy(path: string): Promise<number> {
  const whole = await lstat(path);
  if (!whole.isDirectory()) return whole.nlink === 1 ? whole.size : 0;
  const found = new Map<number, { bytes: number; names: number; here: number }>();
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true })) {
    if (entry.isDirectory()) continue;
    const { ino, size, nlink } = await lstat(join(entry.parentPath, entry.name));
    found.set(ino, { bytes: size, names: nlink, here: (found.get(ino)?.here ?? 0) + 1 });
  }
  return [...found.values()].reduce((sum, { bytes, names, here }) => sum + (here === names ? bytes : 0), 0);
}
