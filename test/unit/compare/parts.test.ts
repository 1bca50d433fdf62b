import { describe, expect, it } from 'vitest';
import { compared } from '../../../electron/core/compare/compared.ts';
import { spreadOf } from '../../../electron/core/compare/measuring.ts';
import { passageIds } from '../../../electron/core/compare/passage.ts';
import { plannedWork, secondsLeft } from '../../../electron/core/compare/plan.ts';
import type { ModelInfo } from '../../../electron/shared/engine-contract.ts';
import { paperContexts, paperLabel } from '../../../electron/shared/paper-figures.ts';

const entry = { id: 'a', name: 'A', path: 'a', weightBytes: 0, embedded: false };
/** Llama-3.2-1B's shape, and Llamba-1B's. */
const llama: ModelInfo = {
  ...{
    architecture: 'llama',
    format: 'mlx-lm',
    name: 'x',
    fingerprint: '',
    vocabulary: 128_256,
    width: 2048,
  },
  ...{ blocks: 16, heads: 32, headWidth: 64, stateSize: 512, mlpWidth: 8192, parameters: 1_235_814_400 },
  ...{
    weightBytes: 1_000_000_000,
    stateBytes: 0,
    stateBytesPerToken: 65_536,
    bits: 4,
    groupSize: 64,
    notes: [],
  },
};
const llamba: ModelInfo = {
  ...llama,
  ...{
    architecture: 'llamba',
    format: 'llamba',
    stateSize: 64,
    parameters: 1_405_159_936,
    stateBytes: 9_000_000,
  },
};

describe('what a token reads of the weights', () => {
  const read = (info: ModelInfo, backend: 'cpu' | 'metal' = 'metal') =>
    info.weightBytes - compared(entry, info, backend).readBytes;
  const table = 128_256 * 2048;
  it('is all where the embedding is the head, too', () => {
    expect(read(llama)).toBe(0);
    expect(read(llamba)).toBe(0);
  });
  it('is all but the embedding where the head is a matrix of its own', () => {
    expect(read({ ...llama, parameters: llama.parameters + table })).toBe(table * (0.5 + 4 / 64));
    const cartesia = { ...llamba, parameters: llamba.parameters + table, format: 'cartesia-mlx' } as const;
    expect(read(cartesia)).toBe(2 * table);
    expect(read(cartesia, 'cpu')).toBe(4 * table);
  });
});

it('a spread has the middle of what was measured, and its ends', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3, repeats: 3 });
  expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, least: 1, most: 4, repeats: 4 });
});

it('work is counted before it is done, and time is told from a share of it', () => {
  expect(plannedWork({ contexts: [0, 100, 50], batches: [], repeats: 1 })).toBe(100 + 3 * 8 * 64);
  expect(plannedWork({ contexts: [], batches: [1, 4], repeats: 2 })).toBe(5 * 2 * 8 * 64);
  expect(secondsLeft(0.25, 1000)).toBe(3);
  expect(secondsLeft(0.001, 1000)).toBeNull();
});

it('a model without a tokenizer reads every id of its vocabulary', () => {
  const ids = passageIds({ pieces: [] } as never, 512, 1024);
  expect(new Set(ids).size).toBe(512);
  expect(ids.slice(512)).toEqual(ids.slice(0, 512));
});

it("the paper's figures say whose they are", () => {
  for (const { label, points } of paperContexts) {
    expect(label).toBe(paperLabel);
    expect(points.map(({ context }) => context)).toEqual([0, 10_000, 20_000, 30_000, 40_000]);
  }
});
