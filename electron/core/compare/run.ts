/** One run: each model by itself in the engine, at every context and batch that is asked for. */
import type { CompareItem, CompareRequest, CompareRun, Measured, Provenance } from '../../shared/compare.ts';
import type { ModelEntry } from '../../shared/contract.ts';
import type { Device, EngineContract } from '../../shared/engine-contract.ts';
import { type AppErrorValue, toErrorValue } from '../../shared/errors.ts';
import type { Client } from '../../shared/rpc.ts';
import { pause } from '../aborting.ts';
import { loadModel } from '../loaded-model.ts';
import { compared } from './compared.ts';
import { type Bench, measureBatches, measureContexts } from './measuring.ts';
import { readSpeed } from './memory-speed.ts';
import { passageIds } from './passage.ts';
import { plannedWork, secondsLeft, workOf } from './plan.ts';

export interface RunOptions {
  readonly rpc: Client<EngineContract>;
  readonly entries: readonly ModelEntry[];
  readonly request: CompareRequest;
  readonly version: string;
  readonly emit: (item: CompareItem) => void;
  readonly signal: AbortSignal;
}

/** How often a machine that is too warm is looked at. */
const coolingMs = 1000;

/** Throws only what came before the first model; what ended it later is in the run. */
export async function runComparison(options: RunOptions): Promise<CompareRun> {
  const { rpc, entries, request, version, emit, signal } = options;
  const began = performance.now();
  emit({ type: 'progress', step: "measuring the machine's memory", model: '', done: 0, secondsLeft: null });
  const provenance = await learnProvenance(rpc, version);
  const models: Measured[] = [];
  let failure: AppErrorValue | null = null;
  try {
    for (const [index, entry] of entries.entries()) {
      await measureModel(options, entry, provenance.backend, {
        share: (done) => (index + done) / entries.length,
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
    provenance,
    phase: failure === null ? 'done' : signal.aborted ? 'cancelled' : 'failed',
    models,
    error: signal.aborted ? null : failure,
    ms: performance.now() - began,
  };
}

interface Course {
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
    async step(what) {
      signal.throwIfAborted();
      step = what;
      progress();
      await whenCool(options);
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

/** A machine that slows itself down gives no honest figures. */
async function whenCool({ rpc, emit, signal }: RunOptions): Promise<void> {
  const warmth = async () => (await rpc.call('memory', {})).thermal;
  const tooWarm = (thermal: string) => thermal === 'serious' || thermal === 'critical';
  let thermal = await warmth();
  if (!tooWarm(thermal)) return;
  emit({
    type: 'paused',
    reason: `The machine is too warm (${thermal}): it waits until it has cooled down.`,
  });
  while (tooWarm(thermal)) {
    await pause(coolingMs, signal);
    thermal = await warmth();
  }
  emit({ type: 'resumed' });
}

async function learnProvenance(rpc: Client<EngineContract>, appVersion: string): Promise<Provenance> {
  const [device, { thermal }] = await Promise.all([rpc.call('device', {}), rpc.call('memory', {})]);
  const { name, backend, memoryBytes, mlxVersion } = device;
  return {
    at: Date.now(),
    device: name,
    backend,
    platform: process.platform,
    ...{ memoryBytes, mlxVersion, appVersion, thermal },
    bandwidth: backend === 'cpu' ? await readSpeed() : null,
  };
}
