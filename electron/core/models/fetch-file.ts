/**
 * Fetches one file: several pieces at once, written where they belong, while the checksum follows from the start. What is
 * there is noted from time to time, after it is safely on the disk: so the note never promises too much.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { hashRange, startHash } from './digests.ts';
import { toSystemError } from './disk.ts';
import type { PlannedFile } from './download-plan.ts';
import { FileChanged, fetchPiece, type Line, NoRanges, type Target } from './fetch-piece.ts';
import { gaps, type Interval, nextPiece, prefixOf, withInterval } from './intervals.ts';

export { FileChanged };

/** Every byte came, and they are not the ones that the hub named. */
export class FileDamaged extends Error {}

export interface FileOptions extends Line {
  /** Connections for one file. */
  readonly parts: number;
  readonly saveMs: number;
  readonly signal: AbortSignal;
  /** Bytes that are there now; called often. */
  readonly onBytes: (there: readonly Interval[]) => void;
  /** These are safely on the disk. May throw to stop, as when the disk gets full. */
  readonly onSafe: (there: readonly Interval[]) => Promise<void>;
}

/** Gives the SHA-256, hex. Throws FileChanged, FileDamaged, an AppError, or the signal's reason. */
export async function fetchFile(
  path: string,
  file: PlannedFile,
  begun: readonly Interval[],
  options: FileOptions,
): Promise<string> {
  const handle = await open(path, 'a+').then((made) => made.close().then(() => open(path, 'r+')));
  try {
    // A file that somebody cut or removed holds nothing of what the note says.
    const { size } = await handle.stat();
    const there = size < (begun.at(-1)?.[1] ?? 0) ? [] : begun;
    return await fetchInto(handle, file, there, options);
  } catch (error) {
    throw toSystemError(error);
  } finally {
    await handle.close();
  }
}

async function fetchInto(
  handle: FileHandle,
  file: PlannedFile,
  begun: readonly Interval[],
  options: FileOptions,
): Promise<string> {
  let there = begun;
  let parts = options.parts;
  let etag: string | null = null;
  for (;;) {
    const round = new AbortController();
    const signal = AbortSignal.any([options.signal, round.signal]);
    let wake = () => {};
    const target: Target = {
      file,
      handle,
      etag,
      acceptWhole: parts === 1,
      wrote: (interval) => {
        there = withInterval(there, interval);
        options.onBytes(there);
        wake();
      },
    };
    const grown = () => new Promise<void>((resolve) => (wake = resolve));
    signal.addEventListener('abort', () => wake());

    let saving = Promise.resolve();
    const save = async () => {
      const now = there;
      await handle.datasync();
      await options.onSafe(now);
    };
    const timer = setInterval(() => {
      saving = saving.then(save).catch((error) => round.abort(error));
    }, options.saveMs);

    const following = follow(handle, file, () => there, grown, signal);
    const work = [following, ...fetching(target, () => there, parts, options, signal)];
    for (const part of work) part.catch((error) => round.abort(error));
    const [first] = await Promise.allSettled(work);
    clearInterval(timer);
    await saving;
    await save();
    etag = target.etag;
    if (round.signal.reason instanceof NoRanges && !options.signal.aborted) {
      parts = 1;
      continue;
    }
    signal.throwIfAborted();
    if (first?.status === 'rejected') throw first.reason;
    return (first as PromiseFulfilledResult<string>).value;
  }
}

/** `parts` workers, each with one piece after the other. */
function fetching(
  target: Target,
  there: () => readonly Interval[],
  parts: number,
  options: FileOptions,
  signal: AbortSignal,
): Promise<void>[] {
  const { bytes } = target.file;
  let asked: readonly Interval[] = there();
  const next = (): Interval | null => {
    if (!target.acceptWhole) return nextPiece(asked, bytes, parts);
    const [first] = gaps(asked, bytes);
    return first ? [first[0], bytes] : null;
  };
  return Array.from({ length: parts }, async () => {
    for (let piece = next(); piece !== null; piece = next()) {
      asked = withInterval(asked, piece);
      await fetchPiece(piece, target, options, signal);
    }
  });
}

/** Hashes what is there from the start without a gap, as it grows. */
async function follow(
  handle: FileHandle,
  { path, bytes, digest }: PlannedFile,
  there: () => readonly Interval[],
  grown: () => Promise<void>,
  signal: AbortSignal,
): Promise<string> {
  const sha256 = startHash('sha256', bytes);
  const git = startHash('git', bytes);
  const hashes = digest.kind === 'git' ? [sha256, git] : [sha256];
  for (let at = 0; at < bytes; ) {
    signal.throwIfAborted();
    const to = Math.min(bytes, prefixOf(there()));
    if (to > at) await hashRange(handle, hashes, [at, to], { signal });
    else await grown();
    at = Math.max(at, to);
  }
  const found = sha256.digest('hex');
  const wanted = digest.kind === 'git' ? git.digest('hex') : found;
  if (wanted !== digest.hex) throw new FileDamaged(path);
  return found;
}
