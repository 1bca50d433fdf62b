import { describe, expect, it } from 'vitest';
import { entropyShare, uncertaintyOf } from '../../../electron/core/documents/uncertainty.ts';

const logs = (...p: number[]) => p.map((value, id) => [id, Math.log(value)] as const);

describe('uncertainty', () => {
  it('is 0 where one token is certain, 1 where all are alike', () => {
    expect(entropyShare(logs(1, 0, 0), 100)).toBeCloseTo(0, 10);
    expect(entropyShare(logs(0.01, 0.01, 0.01), 100)).toBeCloseTo(1, 10);
  });
  it('is exact where the top holds everything, and never below the truth where it does not', () => {
    const p = [0.4, 0.3, 0.1, 0.1, 0.06, 0.04];
    const exact = -p.reduce((sum, value) => sum + value * Math.log(value), 0) / Math.log(p.length);
    expect(entropyShare(logs(...p), p.length)).toBeCloseTo(exact, 10);
    for (let top = 1; top < p.length; top++)
      expect(entropyShare(logs(...p.slice(0, top)), p.length)).toBeGreaterThanOrEqual(exact - 1e-12);
  });
  it('is the mean over the tokens', () => {
    const rows = [logs(1), logs(0.01)];
    expect(uncertaintyOf(rows, 100)).toBeCloseTo(0.5, 10);
  });
});
