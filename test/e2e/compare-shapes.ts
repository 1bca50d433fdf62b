/** Pairs and runs made by tests: a Llamba that stays as it is, a Llama that slows down and grows. */
import type {
  BatchPoint,
  ComparedModel,
  CompareRun,
  ContextPoint,
  Measured,
  Pair,
  Spread,
} from '../../electron/shared/contract.ts';

const MiB = 2 ** 20;

export const pair: Pair = {
  llamba: { id: 'llamba', name: 'Llamba-135M' },
  twin: { id: 'twin', name: 'SmolLM2-135M', installed: true, embedded: true },
};

/** Its twin is not here yet. */
export const away: Pair = {
  ...pair,
  twin: { id: 'twin', name: 'SmolLM2-135M', installed: false, embedded: true },
};

export const llamba: ComparedModel = {
  ...{ id: 'llamba', name: 'Llamba-135M', architecture: 'llamba', parameters: 158e6, bits: 4, groupSize: 64 },
  ...{ weightBytes: 100 * MiB, readBytes: 80 * MiB, stateBytes: 5 * MiB, stateBytesPerToken: 0 },
};
export const twin: ComparedModel = {
  ...{ id: 'twin', name: 'SmolLM2-135M', architecture: 'llama', parameters: 135e6, bits: 4, groupSize: 64 },
  ...{ weightBytes: 80 * MiB, readBytes: 80 * MiB, stateBytes: 0, stateBytesPerToken: MiB / 64 },
};

const spread = (median: number): Spread => ({
  median,
  least: median * 0.95,
  most: median * 1.02,
  repeats: 3,
});

/** A Llamba writes 50 tokens/s at any length; its twin 60 at first and half of that after 2,048 tokens. */
export function contextPoint(model: ComparedModel, context: number): ContextPoint {
  const isLlamba = model.architecture === 'llamba';
  const stateBytes = model.stateBytes + context * model.stateBytesPerToken;
  const activeBytes = model.weightBytes + stateBytes + 2 * MiB;
  return {
    context,
    decode: spread(isLlamba ? 50 : 60 / (1 + context / 2048)),
    prefill: context === 0 ? null : spread(isLlamba ? 260 : 300),
    memory: {
      ...{ weightBytes: model.weightBytes, stateBytes, activeBytes, cacheBytes: 6 * MiB },
      peakBytes: activeBytes + 20 * MiB,
    },
  };
}

export const batchPoint = (model: ComparedModel, batch: number): BatchPoint => ({
  batch,
  decode: spread(50 * batch ** (model.architecture === 'llamba' ? 0.6 : 0.4)),
  memory: contextPoint(model, 128 * batch).memory,
});

const contexts = [0, 256, 512, 1024, 2048, 4096];
const batches = [1, 2, 4, 8];

export const measured = (model: ComparedModel): Measured => ({
  model,
  contexts: contexts.map((context) => contextPoint(model, context)),
  batches: batches.map((batch) => batchPoint(model, batch)),
  ended: null,
});

export const runOf = (id: string, rest: Partial<CompareRun> = {}): CompareRun => ({
  id,
  request: { models: ['llamba', 'twin'], contexts, batches, repeats: 3 },
  provenance: {
    at: Date.UTC(2026, 10, 24, 12),
    ...{ device: 'AMD EPYC', backend: 'cpu' as const, platform: 'linux', memoryBytes: 16 * 2 ** 30 },
    ...{ mlxVersion: '0.32.4', appVersion: '0.1.0', thermal: 'nominal', bandwidth: 8e9 },
  },
  ...{ phase: 'done', models: [measured(llamba), measured(twin)], error: null, ms: 100_000 },
  ...rest,
});

/** Of another day and another machine. */
export const earlier = runOf('earlier', {
  provenance: { ...runOf('a').provenance, at: Date.UTC(2026, 10, 20, 9), device: 'M3 Pro', backend: 'metal' },
});
