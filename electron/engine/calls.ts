/** What the engine process answers: the engine contract over the addon. */
import type { Addon, Engine, Job } from '../../native-mlx/addon.ts';
import type { EngineContract, EngineMemory, Scored } from '../shared/engine-contract.ts';
import type { Handlers } from '../shared/rpc.ts';
import type { Handles } from './handles.ts';

/** Tokens are handed on in batches of this many ms: one screen frame. */
const batchMs = 16;

export function engineCalls(addon: Addon, engine: Engine, handles: Handles): Handlers<EngineContract> {
  return {
    device: async () => addon.device(),
    memory: async () => engineMemory(addon, handles),
    resetPeak: async () => {
      addon.resetPeakMemory();
      return {};
    },
    memorySpeed: async () => ({ bytesPerSecond: await engine.memorySpeed() }),
    load: async ({ path, pieces }, { signal, emit }) => {
      const onProgress = (done: number, total: number) => emit({ done, total });
      const model = await abortable(engine.load(path, { pieces, onProgress }), signal);
      return { model: handles.addModel(model), info: model.info };
    },
    unload: async ({ model }) => {
      await handles.removeModel(model);
      return {};
    },
    'state.create': async ({ model, private: isPrivate }) => {
      const state = await handles.model(model).createState();
      return { state: await handles.addState(model, state, isPrivate) };
    },
    'state.fork': async ({ state }) => ({ state: await handles.fork(state) }),
    'state.info': ({ state }) => handles.look(state, (of) => of.info()),
    'state.free': async ({ state }) => {
      await handles.removeState(state);
      return {};
    },
    'state.save': ({ state, path, note }) => handles.write(state, (of) => of.save(path, note)),
    'state.keep': ({ state, folder, note }) => handles.write(state, (of) => of.keep(folder, note)),
    'state.load': async ({ model, path }) => {
      const { state, note } = await handles.model(model).loadState(path);
      return { state: await handles.addState(model, state), note };
    },
    feed: ({ state, ids, chunk }, { signal, emit }) =>
      handles.use(state, (of) => {
        const onProgress = (done: number, total: number) => emit({ done, total });
        return abortable(of.feed(ids, chunk ? { chunk, onProgress } : { onProgress }), signal);
      }),
    score: ({ state, ids, chunk, top }, { signal, emit }) =>
      handles.use(state, async (of): Promise<Scored> => {
        const onProgress = (done: number, total: number) => emit({ done, total });
        const options = { top, onProgress, ...(chunk ? { chunk } : {}) };
        const { logprobs, topIds, topLogprobs } = await abortable(of.score(ids, options), signal);
        const row = (i: number) =>
          Array.from({ length: top }, (_, k) => {
            const at = i * top + k;
            return [topIds[at] ?? -1, topLogprobs[at] ?? Number.NEGATIVE_INFINITY] as const;
          });
        return {
          logprobs: Array.from(logprobs, (value) => (Number.isFinite(value) ? value : null)),
          top: ids.map((_, i) => row(i)),
        };
      }),
    likelihoods: ({ model, states, ids }, { signal, emit }) =>
      handles.lookAll(states, async (all) => {
        const onProgress = (done: number, total: number) => emit({ done, total });
        const job = handles.model(model).likelihoods(all, ids, { onProgress });
        return { logprobs: [...(await abortable(job, signal))] };
      }),
    generate: ({ state, request }, { signal, emit }) =>
      handles.use(state, async (of) => {
        const batch: number[] = [];
        let timer: NodeJS.Timeout | undefined;
        const flush = () => {
          timer = undefined;
          if (batch.length > 0) emit({ ids: batch.splice(0) });
        };
        const onTokens = (ids: Int32Array) => {
          const first = batch.length === 0 && !timer;
          batch.push(...ids);
          if (first) flush(); // the first token, and any after a pause, at once
          timer ??= setTimeout(flush, batchMs);
        };
        try {
          return await abortable(of.generate(request, onTokens), signal);
        } finally {
          clearTimeout(timer);
          flush();
        }
      }),
    park: async () => ({ parked: await handles.parkIdle() }),
    crashForTests: async () => {
      engine.abortForTests();
      return {};
    },
  };
}

export function engineMemory(addon: Addon, handles: Handles): EngineMemory {
  return { ...addon.memory(), ...handles.usage() };
}

async function abortable<T>(job: Job<T>, signal: AbortSignal): Promise<T> {
  const cancel = () => job.cancel();
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel);
  try {
    return await job.done;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
