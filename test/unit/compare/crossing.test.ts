import { describe, expect, it } from 'vitest';
import type { ComparedModel, Measured, Provenance } from '../../../electron/shared/compare.ts';
import {
  bytesPerToken,
  changeWords,
  crossingsOf,
  crossingWords,
  curvesInWords,
  memory,
  predictedRate,
  type Reading,
  shareReached,
  shareWords,
  speed,
  speedReadings,
} from '../../../electron/shared/crossing.ts';

/** `around`: how far a reading may be from its value. */
const line = (points: [context: number, value: number][], around = 0): Reading[] =>
  points.map(([context, value]) => ({ context, value, least: value - around, most: value + around }));
const flat = (value: number) => line([0, 1000, 4000, 16000].map((context) => [context, value]));
const rising = line([
  [0, 10],
  [1000, 20],
  [4000, 50],
  [16000, 170],
]);

describe('crossings', () => {
  it('lie on the straight line between two points', () => {
    expect(crossingsOf(flat(39), rising)).toEqual([{ context: 2900, higherAfter: 'second' }]);
    expect(crossingsOf(rising, flat(39))).toEqual([{ context: 2900, higherAfter: 'first' }]);
  });
  it('are none where one is higher throughout, and none where they only touch', () => {
    expect(crossingsOf(flat(5), rising)).toEqual([]);
    expect(crossingsOf(flat(10), rising)).toEqual([]);
    expect(crossingsOf(flat(200), rising)).toEqual([]);
  });
  it('are none within the spread, and still found across a point where nobody can say', () => {
    const other = line([
      [0, 30],
      [1000, 40.5],
      [4000, 60],
    ]);
    const wide = line(
      [
        [0, 40],
        [1000, 40],
        [4000, 40],
      ],
      2,
    );
    expect(crossingsOf(wide, other)).toMatchObject([{ higherAfter: 'second' }]);
    expect(crossingsOf(wide, other)[0]?.context).toBeCloseTo((1000 * 10) / 10.5);
    expect(crossingsOf(wide, line([[0, 39], [1000, 41], [4000, 39.5]]))).toEqual([]); // biome-ignore format: one line
  });
  it('can be several', () => {
    const wave = line([
      [0, 0],
      [100, 20],
      [200, 0],
    ]);
    const level = line([
      [0, 10],
      [100, 10],
      [200, 10],
    ]);
    expect(crossingsOf(wave, level)).toEqual([
      { context: 50, higherAfter: 'first' },
      { context: 150, higherAfter: 'second' },
    ]);
  });
  it('are looked for between contexts that both have', () => {
    expect(crossingsOf(flat(39), rising.slice(0, 2))).toEqual([]);
    expect(crossingsOf(flat(39), line([[7, 1]]))).toEqual([]);
  });
});

describe('in words', () => {
  const named = (name: string, readings: Reading[]) => ({ name, readings });
  const ours = (readings: Reading[]) => named('Llamba', readings);
  const theirs = (readings: Reading[]) => named('Llama', readings);
  it('a crossing of memory', () => {
    expect(crossingWords(ours(flat(39.3)), theirs(rising), memory)).toBe(
      'Above 2,900 tokens Llamba uses less memory; below, Llama does.',
    );
  });
  it('a crossing of speed, the other way round', () => {
    expect(crossingWords(ours(rising), theirs(flat(39)), speed)).toBe(
      'Above 2,900 tokens Llamba is faster; below, Llama is.',
    );
  });
  it('no crossing is said, with who wins', () => {
    expect(crossingWords(ours(flat(5)), theirs(rising), memory)).toBe(
      'From 0 to 16,000 tokens Llamba uses less memory throughout.',
    );
    expect(crossingWords(ours(flat(5)), theirs(rising), speed)).toBe(
      'From 0 to 16,000 tokens Llama is faster throughout.',
    );
    expect(crossingWords(ours(line([[7, 2]])), theirs(line([[7, 1]])), speed)).toBe(
      'At 7 tokens Llamba is faster throughout.',
    );
  });
  it('who wins at some lengths only does not win throughout', () => {
    const wide = (values: number[], around: number) =>
      line(
        [0, 1000, 4000].map((context, i) => [context, values[i] ?? 0]),
        around,
      );
    expect(crossingWords(ours(wide([10, 20, 20], 1)), theirs(wide([10, 10, 10], 1)), speed)).toBe(
      'From 0 to 4,000 tokens Llamba is faster, except at 0 tokens, where the difference is smaller than the spread.',
    );
    expect(crossingWords(ours(wide([9, 11, 20], 2)), theirs(wide([10, 10, 10], 2)), speed)).toBe(
      'At 4,000 tokens Llamba is faster; at other lengths the difference is smaller than the spread.',
    );
  });
  it('no difference, several crossings, nothing in common', () => {
    expect(crossingWords(ours(flat(5)), theirs(flat(5)), speed)).toMatch(/nobody is faster: .+ spread/);
    const wave = line([[0, 0], [1000, 20], [4000, 0]]); // biome-ignore format: one line
    expect(crossingWords(ours(wave), theirs(flat(10)), speed)).toBe(
      'At first Llama is faster, from 500 tokens on Llamba, from 2,500 tokens on Llama.',
    );
    expect(crossingWords(ours([]), theirs(rising), speed)).toMatch(/no context/);
  });
});

const model = (change: Partial<ComparedModel>): ComparedModel => ({
  ...{ id: 'm', name: 'M', architecture: 'llamba', parameters: 1e9, bits: 4, groupSize: 64 },
  ...{ weightBytes: 900, readBytes: 800, stateBytes: 100, stateBytesPerToken: 0, ...change },
});

describe('the limit', () => {
  const llama = model({ architecture: 'llama', stateBytes: 0, stateBytesPerToken: 2 });
  it('is what one token moves: weights, a state read and written, a cache read', () => {
    expect(bytesPerToken(model({}), 0)).toBe(1000);
    expect(bytesPerToken(model({}), 64_000)).toBe(1000);
    expect(bytesPerToken(llama, 0)).toBe(800);
    expect(bytesPerToken(llama, 1000)).toBe(2800);
    expect(predictedRate(model({}), 5, 50_000)).toBe(50);
  });
  it('is reached in part', () => {
    const decode = { median: 41, least: 40, most: 42, repeats: 3 };
    const share = shareReached(model({}), { context: 0, decode }, { bandwidth: 50_000 } as Provenance);
    expect(share).toBeCloseTo(0.82);
    expect(shareWords(share ?? 0)).toBe("82 % of this machine's memory speed");
    expect(shareWords(1.3)).toBe("more than this machine's memory speed, by its caches");
    expect(shareReached(model({}), { context: 0, decode }, { bandwidth: null } as Provenance)).toBeNull();
  });
});

function measured(name: string, points: [context: number, rate: number, mebibytes: number][]): Measured {
  const contexts = points.map(([context, rate, mebibytes]) => ({
    context,
    decode: { median: rate, least: rate, most: rate, repeats: 3 },
    prefill: null,
    memory: { weightBytes: 1, stateBytes: 1, activeBytes: mebibytes * 2 ** 20, cacheBytes: 0, peakBytes: 1 },
  }));
  return { model: model({ name }), contexts, batches: [], ended: null };
}

it('two sentences say what the curves mean, and where each wins', () => {
  const llamba = measured('Llamba', [
    [0, 24, 100],
    [1000, 24, 100],
    [4000, 24, 100],
  ]);
  const llama = measured('Llama', [
    [0, 26, 80],
    [1000, 22, 100.5],
    [4000, 13, 3072],
  ]);
  expect(speedReadings(llama)[1]).toEqual({ context: 1000, value: 22, least: 22, most: 22 });
  expect(curvesInWords(llamba, llama)).toEqual([
    'After 4,000 tokens Llamba has all of its speed and no more memory in use; Llama has 50 % of its speed and 2.9 GiB more memory in use.',
    'Above 500 tokens Llamba is faster; below, Llama is; above 980 tokens Llamba uses less memory; below, Llama does.',
  ]);
});

it('what is measured faster at the end, or slower within the spread, has all of its speed and never more', () => {
  const sentence = (end: number, spread: number) => {
    const of = measured('Llamba', [[0, 100, 1], [128, end, 1]]); // biome-ignore format: one line
    const contexts = of.contexts.map((point) => ({
      ...point,
      decode: { ...point.decode, least: point.decode.median - spread, most: point.decode.median + spread },
    }));
    return curvesInWords({ ...of, contexts }, of)[0];
  };
  expect(sentence(103, 0)).toContain('Llamba has all of its speed');
  expect(sentence(97, 2)).toContain('Llamba has all of its speed');
  expect(sentence(95, 2)).toContain('Llamba has 95 % of its speed');
  expect(sentence(99.8, 0)).toContain('Llamba has 99 % of its speed');
});

it('against another run it is said who became faster, where both were measured', () => {
  const now = measured('Llamba', [[0, 90, 1], [1000, 112, 1], [4000, 50, 1]]); // biome-ignore format: one line
  const before = measured('Llamba', [[0, 99, 1], [1000, 100, 1]]); // biome-ignore format: one line
  expect(changeWords(now, before)).toBe('Llamba writes 12 % faster at 1,000 tokens');
  expect(changeWords(before, now)).toBe('Llamba writes 11 % slower at 1,000 tokens');
  expect(changeWords(now, now)).toBe('Llamba writes as fast at 4,000 tokens');
  expect(changeWords(now, measured('Llamba', [[7, 1, 1]]))).toBeNull();
});
