import { describe, expect, it } from 'vitest';
import { growthOf, hasGrown, type Sample } from '../soak/footprint.ts';
import { seeded } from '../user/seeded.ts';

/** 600 samples of about 100 MB with noise of 2 %, changed by `shape`: the time from 0 to 1 to a factor. */
const run = (shape: (t: number) => number): Sample[] => {
  const random = seeded(3);
  return Array.from({ length: 600 }, (_, i) => {
    const engine = 100e6 * (1 + 0.02 * (random.next() - 0.5)) * shape(i / 600);
    return { at: 10_000 * i, host: 1, engine, active: 0, cache: 0, states: 0 };
  });
};
const grown = (shape: (t: number) => number) => hasGrown(growthOf(run(shape), 'engine'), 0.01);

describe('the verdict of a soak', () => {
  it('lets noise, a warm-up, a lone peak and falling memory pass', () => {
    expect(grown(() => 1)).toBe(false);
    expect(grown((t) => Math.min(1, 0.5 + 3 * t))).toBe(false);
    expect(grown((t) => (t > 0.97 ? 1.5 : 1))).toBe(false);
    expect(grown((t) => 1 - 0.1 * t)).toBe(false);
  });
  it('catches a slow leak, and a late step', () => {
    expect(grown((t) => 1 + 0.03 * t)).toBe(true);
    expect(grown((t) => (t > 0.5 ? 1.05 : 1))).toBe(true);
  });
});
