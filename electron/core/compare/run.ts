/** One run: each model by itself in the engine, at every context and batch that is asked for. */
import type { CompareItem, CompareRequest, CompareRun, Measured, Provenance } from '../../shared/compare.ts';
import type { ModelEntry } from '../../shared/contract.ts';
import type { Device, EngineContract } from '../../shared/engine-contract.ts';
import { type AppErrorValue, toErrorValue } from '../../shared/errors.ts';
import type { Client } from '../../shared/rpc.ts';
import { loadModel } from '../loaded-model.ts';
import { compared } from './compared.ts';
import { type Bench, measureBatches, measureContexts } from './measuring.ts';
import { passageIds } from './passage.ts';
import { plannedWork, secondsLeft, workOf } from './plan.ts';
import { watchWarmth } from './warmth.ts';

export interface RunOptions {
  readonly rpc: Client<EngineContract>;
  readonly entries: readonly ModelEntry[];
  readonly request: CompareRequest;
  readonly version: string;
  readonly emit: (item: CompareItem) => void;
  readonly signal: AbortSignal;
}

/** Throws only what came before the first model; what ended it later is in the run. */
export async function runComparison(options: RunOptions): Promise<CompareRun> {
  const { rpc, entries, request, version, emit, signal } = options;
  const began = performance.now();
  emit({ type: 'progress', step: "measuring the machine's memory", model: '', done: 0, secondsLeft: null });
  const warmth = watchWarmth(options);
  const provenance = await learnProvenance(rpc, version, await warmth.warmest());
  emit({ type: 'begun', provenance });
  const models: Measured[] = [];
  let failure: AppErrorValue | null = null;
  try {
    for (const [index, entry] of entries.entries()) {
      await measureModel(options, entry, provenance.backend, {
        share: (done) => (index + done) / entries.length,
        whenCool: warmth.whenCool,
        ms: () => performance.now() - began,
        told: (measured) => {
          models[index] = measured;
        },
      });
    }
  } catch (thrown) {
    failure = toErrorValue(thrown);
  }
  return {
    id: new Date(provenance.at).toISOString().replaceAll(/\D/g, '-').slice(0, -1),
    request,
    provenance: { ...provenance, thermal: await warmth.warmest() },
    phase: failure === null ? 'done' : signal.aborted ? 'cancelled' : 'failed',
    models,
    error: signal.aborted ? null : failure,
    ms: performance.now() - began,
  };
}

interface Course {
  whenCool(): Promise<void>;
  share(done: number): number;
  ms(): number;
  told(measured: Measured): void;
}

async function measureModel(
  options: RunOptions,
  entry: ModelEntry,
  backend: Device['backend'],
  course: Course,
): Promise<void> {
  const { rpc, request, emit, signal } = options;
  const { model, info, tokenizer } = await loadModel(entry, rpc, () => undefined);
  let measured: Measured = { model: compared(entry, info, backend), contexts: [], batches: [], ended: null };
  const tell = (change: Partial<Measured>) => {
    measured = { ...measured, ...change };
    course.told(measured);
  };
  tell({});
  emit({ type: 'model', model: measured.model });
  const planned = plannedWork(request);
  let [step, work] = ['', 0];
  const progress = () => {
    const done = course.share(planned > 0 ? Math.min(1, work / planned) : 1);
    emit({ type: 'progress', step, model: entry.id, done, secondsLeft: secondsLeft(done, course.ms()) });
  };
  const bench: Bench = {
    ...{ rpc, model, signal },
    text: (length) => passageIds(tokenizer, info.vocabulary, length),
    step(what) {
      step = what;
      progress();
    },
    async whenFit() {
      signal.throwIfAborted();
      await course.whenCool();
    },
    worked(prefill, decode) {
      work += workOf(prefill, decode);
      progress();
    },
  };
  const unlessFull = (part: Promise<void>) =>
    part.catch((thrown) => {
      const ended = toErrorValue(thrown);
      if (ended.code !== 'out-of-memory') throw thrown;
      tell({ ended });
    });
  try {
    await unlessFull(
      measureContexts(bench, request.contexts, request.repeats, (point) => {
        tell({ contexts: [...measured.contexts, point] });
        emit({ type: 'context', model: entry.id, point });
      }),
    );
    await unlessFull(
      measureBatches(bench, request.batches, request.repeats, (point) => {
        tell({ batches: [...measured.batches, point] });
        emit({ type: 'batch', model: entry.id, point });
      }),
    );
  } finally {
    await rpc.call('unload', { model });
  }
}

async function learnProvenance(
  rpc: Client<EngineContract>,
  appVersion: string,
  thermal: string,
): Promise<Provenance> {
  const { name, backend, memoryBytes, mlxVersion } = await rpc.call('device', {});
  return {
    at: Date.now(),
    device: name,
    backend,
    platform: process.platform,
    ...{ memoryBytes, mlxVersion, appVersion, thermal },
    bandwidth: await memorySpeed(rpc),
  };
}

/** null where there is no room to measure it, which is no reason to measure nothing. */
const memorySpeed = async (rpc: Client<EngineContract>): Promise<number | null> => {
  try {
    return (await rpc.call('memorySpeed', {})).bytesPerSecond;
  } catch (error) {
    if (toErrorValue(error).code === 'out-of-memory') return null;
    throw error;
  }
};
