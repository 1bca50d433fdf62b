import { expect, it } from 'vitest';
import { runText } from '../../../electron/headless/bench/print.ts';
import type { CompareRun, Measured } from '../../../electron/shared/compare.ts';

const one = (median: number) => ({ median, least: median, most: median, repeats: 1 });
const memory = { weightBytes: 10, stateBytes: 1, activeBytes: 11, cacheBytes: 0, peakBytes: 12 };
/** Reads at `read` and writes at `written` tokens/s. */
function measured(name: string, read: number, written: number): Measured {
  const point = (context: number) => ({ context, decode: one(written), prefill: one(read), memory });
  return {
    model: {
      ...{ id: name, name, architecture: 'llamba', parameters: 20, bits: 4, groupSize: 64 },
      ...{ weightBytes: 10, readBytes: 10, stateBytes: 1, stateBytesPerToken: 0 },
    },
    ...{ contexts: [point(100), point(200)], batches: [], ended: null },
  };
}
const run: CompareRun = {
  id: 'r',
  request: { models: ['quill', 'reed'], contexts: [100, 200], batches: [], repeats: 1 },
  provenance: {
    ...{ at: 0, device: 'M3', backend: 'metal', platform: 'darwin', memoryBytes: 2 ** 34 },
    ...{ mlxVersion: '0.32.4', appVersion: '1', thermal: 'nominal', bandwidth: null },
  },
  ...{ phase: 'done', models: [measured('quill', 10, 90), measured('reed', 80, 20)], error: null, ms: 1 },
};

it('who writes faster is said under a table of writing, and not under one of reading, where it is the other', () => {
  expect(runText('decode', run)).toContain('quill is faster throughout');
  expect(runText('prefill', run)).not.toContain('faster');
  expect(runText('state', run)).not.toContain('faster');
});

it('reading is told from where to where, as it goes on from the row before', () => {
  expect(runText('prefill', run)).toMatch(/ from +to +tokens\/s .+\n +0 +100 +10\.0 .+\n +100 +200 +10\.0 /);
});

it('a machine that was too warm is said to have been waited for', () => {
  const warm = { ...run, provenance: { ...run.provenance, thermal: 'serious' } };
  expect(runText('decode', warm)).toContain('thermal state serious at times, which were waited for');
});

it('without a measured memory speed there is no share of it', () => {
  expect(runText('decode', run)).not.toContain('memory speed');
  const known = { ...run, provenance: { ...run.provenance, bandwidth: 1200 } };
  expect(runText('decode', known)).toContain("At 200 tokens: 90 % of this machine's memory speed.");
});
