/**
 * Measures one model, alone in the engine: decoding and reading at growing contexts, sequences decoding together, and
 * what of the memory is what. Rates are tokens a second.
 */
import type { BatchPoint, ContextPoint, MemoryParts, Spread } from '../../shared/compare.ts';
import type { EngineContract, GenerateResult, Progressed } from '../../shared/engine-contract.ts';
import type { Client } from '../../shared/rpc.ts';
import { cancelled } from '../aborting.ts';

export interface Bench {
  readonly rpc: Client<EngineContract>;
  /** The engine's number for the model. */
  readonly model: number;
  /** A text of this many tokens. */
  text(length: number): number[];
  readonly signal: AbortSignal;
  /** What is measured from now on, in words. */
  step(what: string): void;
  /** Called before each piece of work; waits until the machine is fit for it. */
  whenFit(): Promise<void>;
  /** Work that was done, in the units of plan.ts. */
  worked(prefill: number, decode: number): void;
}

/** Tokens of one measurement of decoding. */
export const decodeTokens = 64;
/** Before it: caches are warm, and a forked Transformer's cache has been copied. */
export const warmTokens = 8;
/** What each sequence of a batch has read. */
export const batchContext = 128;
/** Reading is measured again while one reading takes less than this. */
const shortMs = 500;
/** Tokens that are read without a look at the machine: a multiple of every model's chunk, some seconds' work. */
const pieceTokens = 2048;

/** In growing order. Each point is told when it is there; a failure ends it. */
export async function measureContexts(
  bench: Bench,
  contexts: readonly number[],
  repeats: number,
  onPoint: (point: ContextPoint) => void,
): Promise<void> {
  const { rpc, step } = bench;
  await withState(bench, async (state) => {
    let read = 0;
    for (const context of growing(contexts)) {
      step(`reading to ${context.toLocaleString('en')} tokens`);
      await rpc.call('resetPeak', {});
      const text = bench.text(context).slice(read);
      const prefill = text.length > 0 ? await measurePrefill(bench, state, text, repeats) : null;
      const { peakBytes } = await rpc.call('memory', {});
      read = context;
      step(`writing after ${context.toLocaleString('en')} tokens`);
      const { spread } = await measureDecode(bench, state, 1, repeats, context === 0);
      onPoint({ context, prefill, decode: spread, memory: { ...(await memoryParts(rpc)), peakBytes } });
    }
  });
}

/** Each of a batch goes on from the same text by itself. */
export async function measureBatches(
  bench: Bench,
  batches: readonly number[],
  repeats: number,
  onPoint: (point: BatchPoint) => void,
): Promise<void> {
  if (batches.length === 0) return;
  const { rpc, step, signal } = bench;
  await withState(bench, async (state) => {
    await rpc.stream('feed', { state, ids: bench.text(batchContext) }, () => undefined, signal);
    for (const batch of growing(batches)) {
      step(`writing ${batch.toLocaleString('en')} at once`);
      await rpc.call('resetPeak', {});
      const { spread, memory } = await measureDecode(bench, state, batch, repeats, false);
      onPoint({ batch, decode: spread, memory });
    }
  });
}

const growing = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);

/** Leaves the state with the text read; the engine's peak is that of the last reading. */
async function measurePrefill(
  { rpc, signal, whenFit, worked }: Bench,
  state: number,
  ids: readonly number[],
  repeats: number,
): Promise<Spread> {
  const rates: number[] = [];
  const readInto = async (into: number, onDone: (done: number) => void) => {
    let total = 0;
    for (let from = 0; from < ids.length; from += pieceTokens) {
      await whenFit();
      const piece = ids.slice(from, from + pieceTokens);
      const told = ({ done }: Progressed) => onDone(from + done);
      const { ms } = await rpc.stream('feed', { state: into, ids: piece }, told, signal);
      onDone(from + piece.length);
      total += ms;
    }
    rates.push((1000 * ids.length) / total);
    return total;
  };
  const again = () => withForks(rpc, state, 1, ([fork]) => readInto(fork as number, () => undefined));
  for (let run = 1; run < repeats; run++) if ((await again()) > shortMs) break;
  await rpc.call('resetPeak', {});
  let told = 0;
  await readInto(state, (done) => {
    worked(done - told, 0);
    told = done;
  });
  return spreadOf(rates);
}

/** On forks of `state`, which stays as it is; `memory`: while they are there. */
async function measureDecode(
  { rpc, text, signal, whenFit, worked }: Bench,
  state: number,
  batch: number,
  repeats: number,
  fresh: boolean,
): Promise<{ spread: Spread; memory: MemoryParts }> {
  return withForks(rpc, state, batch, async (forks) => {
    const write = async (tokens: number, ids: readonly number[]): Promise<number> => {
      await whenFit();
      const began = performance.now();
      const request = { ids, maxTokens: tokens, sampling: greedy, stopIds: [], stopStrings: [] };
      const results = await Promise.all(
        forks.map((fork) => rpc.stream('generate', { state: fork, request }, () => undefined, signal)),
      );
      if (signal.aborted) throw cancelled();
      const ms = batch === 1 ? (results[0] as GenerateResult).decodeMs : performance.now() - began;
      return (1000 * tokens * batch) / ms;
    };
    await write(warmTokens, fresh ? text(1) : []);
    const rates: number[] = [];
    for (let run = 0; run < repeats; run++) {
      rates.push(await write(decodeTokens, []));
      worked(0, decodeTokens * batch);
    }
    return { spread: spreadOf(rates), memory: await memoryParts(rpc) };
  });
}

async function memoryParts(rpc: Bench['rpc']): Promise<MemoryParts> {
  const { weightBytes, stateBytes, activeBytes, cacheBytes, peakBytes } = await rpc.call('memory', {});
  return { weightBytes, stateBytes, activeBytes, cacheBytes, peakBytes };
}

async function withState(
  { rpc, model }: Pick<Bench, 'rpc' | 'model'>,
  work: (state: number) => Promise<void>,
): Promise<void> {
  const { state } = await rpc.call('state.create', { model });
  await work(state).finally(() => rpc.call('state.free', { state }));
}

async function withForks<T>(
  rpc: Bench['rpc'],
  state: number,
  count: number,
  work: (forks: readonly number[]) => Promise<T>,
): Promise<T> {
  const forks: number[] = [];
  try {
    while (forks.length < count) forks.push((await rpc.call('state.fork', { state })).state);
    return await work(forks);
  } finally {
    await Promise.all(forks.map((fork) => rpc.call('state.free', { state: fork })));
  }
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] as number;
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { median, least: at(0), most: at(sorted.length - 1), repeats: sorted.length };
}

/** The engine's sampling that takes the most probable token. */
export const greedy = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  repetitionWindow: 256,
  seed: 0,
  logitBias: [],
} as const;
