/** Checksums of files: SHA-256, and git's for the small files of a hub's repository, which have no other. */
import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';

/** `git`: SHA-1 of "blob", the size and the content, as git names an object. */
export interface Digest {
  readonly kind: 'sha256' | 'git';
  readonly hex: string;
}

export interface Watching {
  readonly signal?: AbortSignal | undefined;
  /** More of it was read. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Long enough to be fast, short enough not to hold up the thread: 0.2 ms of hashing. */
const pieceBytes = 256 * 1024;

export function startHash(kind: Digest['kind'], bytes: number): Hash {
  return kind === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${bytes}\0`);
}

/** Feeds `hashes` with [from, to) of a file, and says how far it has come. Fails when the file ends before. */
export async function hashRange(
  file: FileHandle,
  hashes: readonly Hash[],
  [from, to]: readonly [number, number],
  { signal, onBytes }: Watching = {},
): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, Math.max(1, to - from)));
  for (let at = from; at < to; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, to - at), at);
    if (bytesRead === 0) throw new RangeError(`a file ends at byte ${at}, before ${to}`);
    for (const hash of hashes) hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
    onBytes?.(bytesRead);
  }
}

/** SHA-256 of a whole file, hex, and its size. */
export async function sha256Of(
  path: string,
  options: Watching = {},
): Promise<{ sha256: string; bytes: number }> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const hash = createHash('sha256');
    await hashRange(file, [hash], [0, size], options);
    return { sha256: hash.digest('hex'), bytes: size };
  } finally {
    await file.close();
  }
}
