/** Fetches one stretch of a file, with patience: what came is kept, and each try asks only for the rest. */
import type { FileHandle } from 'node:fs/promises';
import { NetworkError } from '../network/failures.ts';
import type { Network } from '../network/network.ts';
import type { Connections } from './connections.ts';
import type { PlannedFile } from './download-plan.ts';
import type { Interval } from './intervals.ts';
import { type Patience, pause, waitMs } from './patience.ts';
import { readRangeAnswer } from './range-answer.ts';

export interface Line {
  readonly network: Network;
  readonly connections: Connections;
  readonly patience: Patience;
  /** Whose share of the connections it is. */
  readonly who: object;
  readonly purpose: string;
  /** Before a wait for another try. */
  readonly onTrouble: (error: NetworkError) => void;
}

/** The file is not the one that was begun. */
export class FileChanged extends Error {}
/** The host sends files only as a whole: several connections are of no use. */
export class NoRanges extends Error {}

export interface Target {
  readonly file: PlannedFile;
  readonly handle: FileHandle;
  /** What the host calls the bytes that are there; set by the first answer. */
  etag: string | null;
  /** A host that sends the whole file is put up with: what is there already is passed over. */
  readonly acceptWhole: boolean;
  /** [from, to) is in the file now. */
  readonly wrote: (interval: Interval) => void;
}

/** Buffers are written together once they are this long. */
const writeBytes = 2 ** 20;

/** Throws FileChanged, NoRanges, a NetworkError when patience is at its end, or the signal's reason. */
export async function fetchPiece(
  [from, to]: Interval,
  target: Target,
  line: Line,
  signal: AbortSignal,
): Promise<void> {
  const rest = { at: from, to };
  for (let tries = 0; ; tries++) {
    const giveBack = await line.connections.take(line.who, signal);
    const before = rest.at;
    let failure: NetworkError;
    try {
      await stream(rest, target, line, signal);
      if (rest.at >= to) return;
      failure = endedEarly(target.file.path);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof NetworkError) || !error.again) throw error;
      failure = error;
    } finally {
      giveBack();
    }
    if (rest.at > before) tries = 0;
    if (tries + 1 >= line.patience.tries) throw failure;
    line.onTrouble(failure);
    await pause(waitMs(tries, failure.afterMs, line.patience), signal);
  }
}

/** One request for `rest`, which moves on with every write. */
async function stream(
  rest: { at: number; to: number },
  target: Target,
  { network, purpose }: Line,
  signal: AbortSignal,
): Promise<void> {
  const { file, handle, etag, acceptWhole } = target;
  const { path, bytes, digest } = file;
  const answer = await network.get(file.address, {
    purpose,
    signal,
    headers: { range: `bytes=${rest.at}-${rest.to - 1}`, ...(etag !== null && { 'if-range': etag }) },
  });
  const meaning = readRangeAnswer(answer, { path, bytes, digest: digest.hex, etag, at: rest.at });
  const tooMuch = meaning.kind === 'bytes' && meaning.whole && !acceptWhole && bytes > rest.to - rest.at;
  if (meaning.kind !== 'bytes' || tooMuch) {
    await answer.discard();
    if (tooMuch) throw new NoRanges();
    throw meaning.kind === 'failed' ? meaning.error : new FileChanged(path);
  }
  target.etag = meaning.etag;

  let behind = rest.at - meaning.from;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let end = rest.at;
  // One write is under way while the next bytes come.
  let writing = Promise.resolve();
  function write() {
    const [buffers, from, to] = [waiting, end, end + waitingBytes];
    [waiting, waitingBytes, end] = [[], 0, to];
    writing = writing.then(async () => {
      if (from === to) return;
      await writeAll(handle, buffers, from);
      rest.at = to;
      target.wrote([from, to]);
    });
    writing.catch(() => undefined); // whoever waits for it is told
  }
  try {
    for await (const piece of answer.body) {
      const news = piece.subarray(behind);
      behind = Math.max(0, behind - piece.length);
      const wanted = news.subarray(0, rest.to - end - waitingBytes);
      waiting.push(wanted);
      waitingBytes += wanted.length;
      // Only where more comes than was asked for: a body that is read to its end leaves its connection to the next.
      if (wanted.length < news.length) return;
      if (waitingBytes < writeBytes) continue;
      await writing;
      write();
    }
  } finally {
    // Also what came before the connection broke.
    write();
    await writing;
  }
}

/** A full disk may take a part: the rest then fails with its reason. */
async function writeAll(handle: FileHandle, buffers: readonly Buffer[], position: number): Promise<void> {
  const bytes = buffers.reduce((sum, { length }) => sum + length, 0);
  let { bytesWritten } = await handle.writev([...buffers], position);
  if (bytesWritten === bytes) return;
  const whole = Buffer.concat(buffers);
  while (bytesWritten < bytes) {
    bytesWritten += (await handle.write(whole, bytesWritten, bytes - bytesWritten, position + bytesWritten))
      .bytesWritten;
  }
}

const endedEarly = (path: string) =>
  new NetworkError(
    'network-failed',
    `The host sent less of ${path} than it said.`,
    'What was fetched is kept: go on when the network is back.',
    true,
  );
