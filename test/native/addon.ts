/** What the native tests share: an engine for a file, greedy requests, and a state's fingerprint. */
import { afterAll } from 'vitest';
import type { AppErrorValue } from '../../electron/shared/errors.ts';
import {
  type Engine,
  type GenerateRequest,
  type GenerateResult,
  loadAddon,
  type Model,
  type ScoreResult,
  type State,
} from '../../native-mlx/addon.ts';
import { greedy } from './greedy.ts';

export { greedy };
export const addon = loadAddon();

/** Closed after the file's tests. The CPU backend is the one that the goldens' tolerances are stated for. */
export function engineForTests(): Engine {
  const engine = addon.createEngine({ device: 'cpu' });
  afterAll(() => engine.close());
  return engine;
}

export const request = (ids: readonly number[], more: Partial<GenerateRequest> = {}): GenerateRequest => ({
  ids,
  maxTokens: 32,
  sampling: greedy,
  stopIds: [],
  stopStrings: [],
  ...more,
});

export interface Generated extends GenerateResult {
  readonly tokens: readonly number[];
}

export async function generate(state: State, asked: GenerateRequest): Promise<Generated> {
  const tokens: number[] = [];
  const result = await state.generate(asked, (ids) => tokens.push(...ids)).done;
  return { ...result, tokens };
}

/** The tokens of one generation on a state of its own. */
export async function generateAlone(model: Model, asked: GenerateRequest): Promise<readonly number[]> {
  const state = await model.createState();
  const { tokens } = await generate(state, asked);
  await state.free();
  return tokens;
}

/** Row i: log P of every id after ids[0..i], by id. */
export function distributions(score: ScoreResult, vocabulary: number): Float64Array[] {
  return Array.from({ length: score.topIds.length / vocabulary }, (_, i) => {
    const row = new Float64Array(vocabulary).fill(Number.NaN);
    for (let k = i * vocabulary; k < (i + 1) * vocabulary; ++k) {
      row[score.topIds[k] as number] = score.topLogprobs[k] as number;
    }
    return row;
  });
}

/** What the model says after three fixed tokens: equal for equal states. The state itself is left as it was. */
export async function reading(state: State, model: Model): Promise<readonly number[]> {
  const fork = await state.fork();
  const score = await fork.score([1, 2, 3], { top: model.info.vocabulary }).done;
  await fork.free();
  return distributions(score, model.info.vocabulary).flatMap((row) => [...row]);
}

/** Largest difference. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return Array.from(a).reduce((most, x, i) => {
    const d = Math.abs(x - (b[i] as number));
    return Number.isNaN(d) ? Number.POSITIVE_INFINITY : Math.max(most, d);
  }, 0);
}

/** The tagged error that a promise rejects with. */
export async function failure(work: () => Promise<unknown>): Promise<AppErrorValue> {
  try {
    await work();
  } catch (thrown) {
    return thrown as AppErrorValue;
  }
  throw new Error('expected a failure, but it succeeded');
}

/** Pseudo-random ids, the same on every run. */
export function someIds(count: number, vocabulary: number, seed = 1): number[] {
  let x = seed;
  return Array.from({ length: count }, () => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    return (x >> 8) % vocabulary;
  });
}
