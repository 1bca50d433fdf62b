/** A short reply from what was read: from the state of a chunk, which comes from its file, or from a text. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Progressed } from '../../shared/engine-contract.ts';
import { AppError, toErrorValue } from '../../shared/errors.ts';
import { generateText } from '../generate-text.ts';
import type { Ready } from '../loaded-model.ts';
import { setAside } from '../sessions/files.ts';
import { freeState } from '../sessions/hot.ts';
import { inLanes } from './lanes.ts';
import type { Library } from './library.ts';
import type { Reader } from './reader.ts';
import type { ChunkRow } from './rows.ts';
import { uncertaintyOf } from './uncertainty.ts';

/**
 * Replies under way at once. Each holds a state; the engine steps them together, and reads what is asked one after the
 * other: with 16 the first word came four times later than with 4, and the last no sooner (2 cores).
 */
export const together = 4;

/** Probable tokens of each place that the uncertainty is taken from. */
const seen = 16;

export interface Asked {
  readonly ready: Ready;
  readonly signal: AbortSignal;
  /** What is asked, from behind the chunk to the beginning of the reply. */
  readonly ids: readonly number[];
  readonly maxTokens: number;
  readonly repetitionPenalty: number;
  onFirst?(): void;
}

export interface Said {
  readonly text: string;
  /** It was cut at `maxTokens`. */
  readonly cut: boolean;
  /** Of its tokens; 1 where there are none. */
  readonly uncertainty: number;
  /** Tokens fed: of what was asked, and of what was said, to see how sure it was. */
  readonly fedTokens: number;
}

export async function replyFrom(library: Library, chunk: ChunkRow, asked: Asked): Promise<Said> {
  return replyIn(await loadChunk(library, asked.ready, chunk), asked);
}

/** A reply to a text that is no chunk, read for it as chunks are. */
export async function replyTo(text: string, reader: Reader, asked: Asked): Promise<Said> {
  const { rpc, model } = asked.ready;
  const { state } = await rpc.call('state.create', { model });
  try {
    const ids = [...reader.opening, ...reader.encode(text)];
    await rpc.stream('feed', { state, ids }, () => {}, asked.signal);
  } catch (error) {
    await freeState(asked.ready, state);
    throw error;
  }
  return replyIn(state, asked);
}

/** Takes the state over, which is what was read. */
export async function replyIn(state: number, asked: Asked): Promise<Said> {
  const { ready, ids, signal } = asked;
  const { rpc } = ready;
  const states = [state];
  try {
    const last = ids.slice(-1);
    await rpc.stream('feed', { state, ids: ids.slice(0, -1) }, () => {}, signal);
    const second = (await rpc.call('state.fork', { state })).state;
    states.push(second);
    const sampling = { ...greedy, maxTokens: asked.maxTokens, repetitionPenalty: asked.repetitionPenalty };
    let first = true;
    const onText = () => {
      if (first) asked.onFirst?.();
      first = false;
    };
    const said = await generateText(ready, { state, ids: last, sampling, signal, onText });
    if (said.stopReason === 'cancelled') throw stopped();
    const again = [...last, ...said.ids.slice(0, -1)];
    const { top } = await rpc.stream('score', { state: second, ids: again, top: seen }, () => {}, signal);
    return {
      text: said.text.trim(),
      cut: said.stopReason === 'length',
      uncertainty: said.ids.length > 0 ? uncertaintyOf(top, ready.loaded.vocabulary) : 1,
      fedTokens: ids.length + again.length,
    };
  } finally {
    await Promise.all(states.map((one) => freeState(ready, one)));
  }
}

/** Of states that are held at once to ask them together, in bytes: 26 of the embedded model's. */
const mostHeld = 128 * 2 ** 20;

/** Log-probability of the ids behind each of the chunks: of as many at once as memory is given for. */
export async function fitsOf(
  library: Library,
  ready: Ready,
  chunks: readonly ChunkRow[],
  ids: readonly number[],
  signal: AbortSignal,
  onProgress: (done: number) => void = () => {},
): Promise<number[]> {
  const { rpc, model } = ready;
  const fits: number[] = [];
  while (fits.length < chunks.length) {
    const done = fits.length;
    const states: number[] = [];
    try {
      await inLanes(heldAtOnce(library, chunks.slice(done)), together, async (chunk, i) => {
        states[i] = await loadChunk(library, ready, chunk);
      });
      const onItem = (item: Progressed) => onProgress(done + item.done);
      fits.push(...(await rpc.stream('likelihoods', { model, states, ids }, onItem, signal)).logprobs);
    } finally {
      await Promise.all(states.map((state) => freeState(ready, state)));
    }
  }
  return fits;
}

/** The first of them: as many as memory is given for, one at least. */
function heldAtOnce(library: Library, chunks: readonly ChunkRow[]): readonly ChunkRow[] {
  let [count, held] = [0, 0];
  for (const { state } of chunks) {
    held += library.state(state)?.bytes ?? 0;
    if (count > 0 && held > mostHeld) break;
    count += 1;
  }
  return chunks.slice(0, count);
}

/**
 * The caller's own. A file that holds no state of the chunk is set aside and forgotten, and `state-corrupt` is thrown:
 * reading the document again reads this chunk only.
 */
export async function loadChunk(library: Library, ready: Ready, chunk: ChunkRow): Promise<number> {
  const row = library.state(chunk.state);
  if (!row) throw unread();
  const path = join(library.states, row.file);
  try {
    const { state, note } = await ready.rpc.call('state.load', { model: ready.model, path });
    if (note === chunk.state) return state;
    await freeState(ready, state);
    throw corrupt(chunk);
  } catch (thrown) {
    const error = toErrorValue(thrown);
    if (!unusable.includes(error.code)) throw thrown;
    library.dropFiles([row.file]);
    if (existsSync(path)) setAside(path, error);
    throw corrupt(chunk);
  }
}

export const greedy = { temperature: 0, topK: 0, topP: 1, minP: 0, seed: 0, stop: [] } as const;

const stopped = () => new AppError('cancelled', 'It was stopped.', 'Ask again when you want it.');

const corrupt = ({ first, last }: ChunkRow) =>
  new AppError(
    'state-corrupt',
    `What was read of pages ${first} to ${last} is damaged on the disk.`,
    'Read the document again: only these pages are read. The damaged file was set aside.',
  );

const unusable = ['state-corrupt', 'state-version', 'state-mismatch', 'file-invalid', 'file-unreadable'];

export const unread = () =>
  new AppError(
    'state-not-found',
    'Nothing of it was read by this model yet.',
    'Read it first: llamba read FILE.',
  );
