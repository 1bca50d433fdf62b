/**
 * Up to which length of unbroken text a model reads as well as it reads a short one: perplexity of the same words far
 * into a text, and near the beginning of one. Beside it, how large the state's numbers grow: it is told, perplexity
 * decides.
 */
import type { LengthPoint } from '../../shared/documents.ts';
import { AppError } from '../../shared/errors.ts';
import { cancelled } from '../aborting.ts';
import type { Ready } from '../loaded-model.ts';
import { freeState } from '../sessions/hot.ts';
import { stateNorm } from './state-norm.ts';

export interface SafeLength {
  readonly points: readonly LengthPoint[];
  /** The longest up to which no window's perplexity is more than `tolerance` worse; null: the first one is. */
  readonly safeLength: number | null;
}

export interface LengthControl {
  readonly signal?: AbortSignal | undefined;
  /** Of tokens. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly window?: number | undefined;
}

const tolerance = 0.05;
const longestProbed = 32_768;

/** `ids`: a text's. Windows end at 2, 4, 8 … times their length. Throws `bad-request` where it is too short. */
export async function probeLength(
  ready: Ready,
  ids: readonly number[],
  { signal = new AbortController().signal, onProgress = () => {}, window = 1024 }: LengthControl = {},
): Promise<SafeLength> {
  const ends: number[] = [];
  for (let end = 2 * window; end <= Math.min(ids.length, longestProbed); end *= 2) ends.push(end);
  if (ends.length === 0) throw tooShort(ids.length, 2 * window);
  const { rpc, model } = ready;
  const total = (ends.at(-1) ?? 0) + 2 * window * ends.length;
  const states: number[] = [];
  const fresh = async () => {
    const { state } = await rpc.call('state.create', { model });
    states.push(state);
    return state;
  };
  let done = 0;
  const feed = async (state: number, from: number, to: number) => {
    if (signal.aborted) throw cancelled();
    const params = { state, ids: ids.slice(from, to) };
    await rpc.stream('feed', params, (item) => onProgress(done + item.done, total), signal);
    done += to - from;
  };
  const score = async (state: number, from: number, to: number) => {
    const params = { state, ids: ids.slice(from, to), top: 0 };
    const { logprobs } = await rpc.stream('score', params, () => {}, signal);
    done += to - from;
    onProgress(done, total);
    return Math.exp(-logprobs.reduce<number>((sum, value) => sum + (value ?? 0), 0) / (to - from));
  };
  try {
    const far = await fresh();
    const points: LengthPoint[] = [];
    let at = 0;
    for (const end of ends) {
      const from = end - window;
      if (from > at) await feed(far, at, from);
      const perplexity = await score(far, from, end);
      const norm = await stateNorm(ready, far);
      at = end;
      const state = await fresh();
      await feed(state, from - window, from);
      points.push({ length: end, perplexity, near: await score(state, from, end), norm });
    }
    return { points, safeLength: safeOf(points) };
  } finally {
    await Promise.all(states.map((state) => freeState(ready, state)));
  }
}

/** Pure. */
export function safeOf(
  points: readonly Pick<LengthPoint, 'length' | 'perplexity' | 'near'>[],
): number | null {
  const worse = points.findIndex(({ perplexity, near }) => !(perplexity <= near * (1 + tolerance)));
  return points[(worse < 0 ? points.length : worse) - 1]?.length ?? null;
}

const tooShort = (tokens: number, least: number) =>
  new AppError(
    'bad-request',
    `The text has ${tokens} tokens: too few to measure a length.`,
    `Give one of at least ${least}; ${longestProbed} are used at most.`,
  );
