/** Writes a plan's shards in order, each byte once; after a kill it goes on behind the last part that is on disk. */
import { type FileHandle, mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { needRoom } from '../../electron/core/models/disk.ts';
import { AppError } from '../../electron/shared/errors.ts';
import { openJournal } from './journal.ts';
import { ahead, type Part } from './parts.ts';
import { partBytes, type Shard } from './shards.ts';

export interface Writing {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the source that are done with. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly syncBytes?: number | undefined;
}

/** After so many written bytes they are made durable; a kill costs no more than making these again. */
const usualSyncBytes = 64 * 2 ** 20;

/** Throws `cancelled` between two blocks; what is there by then can be gone on from. */
export async function writeShards(
  folder: string,
  journalPath: string,
  plan: string,
  shards: readonly Shard[],
  { signal, onProgress, syncBytes = usualSyncBytes }: Writing,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const journal = await openJournal(journalPath, plan);
  try {
    if (journal.done === 0) {
      await rm(folder, { recursive: true }); // what another plan left
      await mkdir(folder);
    }
    const parts = shards.flatMap(({ parts }) => parts);
    const total = parts.reduce((sum, { sourceBytes }) => sum + sourceBytes, 0);
    await needRoom(
      folder,
      parts.slice(journal.done).reduce((sum, part) => sum + partBytes(part), 0),
    );
    let read = 0;
    let before = 0;
    for (const shard of shards) {
      const done = Math.min(Math.max(journal.done - before, 0), shard.parts.length);
      for (const { sourceBytes } of shard.parts.slice(0, done)) read += sourceBytes;
      onProgress?.(read, total);
      const first = before;
      await writeShard(join(folder, shard.file), shard, done, {
        syncBytes,
        synced: (parts) => journal.record(first + parts),
        step: (part, share) => {
          if (signal?.aborted) throw cancelled;
          onProgress?.(Math.round(read + part.sourceBytes * share), total);
          if (share === 1) read += part.sourceBytes;
        },
      });
      before += shard.parts.length;
    }
  } finally {
    await journal.close();
  }
}

async function writeShard(
  path: string,
  shard: Shard,
  done: number,
  on: { syncBytes: number; synced(parts: number): Promise<void>; step(part: Part, share: number): void },
): Promise<void> {
  const size = (await stat(path).catch(() => null))?.size ?? 0;
  if (size < placeOf(shard, done)) done = 0; // the journal outlived the file
  if (done === shard.parts.length && size === shard.bytes) return;
  if (done === 0) await rm(path, { force: true });
  const handle = await open(path, done === 0 ? 'wx' : 'r+', 0o644);
  try {
    let at = placeOf(shard, done);
    if (done === 0) await writeAll(handle, shard.head, 0);
    else await handle.truncate(at); // what the kill left half made
    let unsynced = 0;
    for (const [index, part] of shard.parts.entries()) {
      if (index < done) continue;
      const bytes = partBytes(part);
      const end = at + bytes;
      for await (const piece of ahead(part.produce())) {
        await writeAll(handle, piece, at);
        at += piece.length;
        on.step(part, Math.min((at - end + bytes) / bytes, 0.999));
      }
      if (at !== end)
        throw new Error(`${part.outputs[0]?.name} has ${at - end} bytes more than were planned`);
      on.step(part, 1);
      unsynced += bytes;
      if (unsynced < on.syncBytes && index + 1 < shard.parts.length) continue;
      await handle.datasync();
      await on.synced(index + 1);
      unsynced = 0;
    }
  } finally {
    await handle.close();
  }
}

/** Where the part of that number begins. */
const placeOf = ({ head, parts }: Shard, index: number) =>
  parts.slice(0, index).reduce((sum, part) => sum + partBytes(part), head.length);

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

export const cancelled = new AppError('cancelled', 'The conversion was stopped.', 'Start it again to go on.');
