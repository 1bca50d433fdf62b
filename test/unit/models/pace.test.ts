import { describe, expect, it } from 'vitest';
import { createPace, secondsLeft } from '../../../electron/core/models/pace.ts';
import { patiently, waitMs } from '../../../electron/core/models/patience.ts';
import { NetworkError } from '../../../electron/core/network/failures.ts';

describe('pace', () => {
  it('is right from the first second on, and follows a change', () => {
    const pace = createPace(0);
    expect(pace.rate(100)).toBeNull();
    for (let ms = 50; ms <= 1000; ms += 50) pace.add(50_000, ms);
    expect(pace.rate(1000)).toBeCloseTo(1_000_000, -5);
    for (let ms = 1050; ms <= 31_000; ms += 50) pace.add(5000, ms);
    expect(pace.rate(31_000)).toBeCloseTo(100_000, -4);
  });
  it('falls while nothing comes, and then says no time', () => {
    const pace = createPace(0);
    for (let ms = 50; ms <= 2000; ms += 50) pace.add(50_000, ms);
    const before = pace.rate(2000) ?? 0;
    expect(pace.rate(12_000)).toBeLessThan(before / 5);
    expect(secondsLeft(1000, pace.rate(200_000))).toBeNull();
    expect(secondsLeft(1000, 100)).toBe(10);
  });
});

describe('patience', () => {
  const patience = { tries: 8, firstMs: 500, longestMs: 60_000 };
  it('doubles, with chance, up to the longest', () => {
    for (const random of [() => 0, () => 1]) {
      const waits = Array.from({ length: 12 }, (_, n) => waitMs(n, null, patience, random));
      const full = Array.from({ length: 12 }, (_, n) => Math.min(60_000, 500 * 2 ** n));
      expect(waits).toEqual(full.map((ms) => ms / (random() === 0 ? 2 : 1)));
    }
  });
  it('waits as long as the host says, within reason', () => {
    expect(waitMs(0, 90_000, patience)).toBe(90_000);
    expect(waitMs(0, 10 * 86_400_000, patience)).toBe(600_000);
    expect(waitMs(0, 0, patience, () => 1)).toBe(500);
  });
  it('tries what can pass as often as it may, and nothing else', async () => {
    const signal = new AbortController().signal;
    const quick = { tries: 5, firstMs: 1, longestMs: 1 };
    const failing = (again: boolean) => {
      let n = 0;
      const work = async () => {
        n++;
        throw new NetworkError('network-failed', `try ${n}`, '', again);
      };
      return { work, count: () => n };
    };
    const [passing, final] = [failing(true), failing(false)];
    await expect(patiently(passing.work, quick, signal)).rejects.toThrow('try 5');
    await expect(patiently(final.work, quick, signal)).rejects.toThrow('try 1');
    expect([passing.count(), final.count()]).toEqual([5, 1]);
  });
  it('ends at once when it is told to', async () => {
    const stop = new AbortController();
    const work = async () => {
      setTimeout(() => stop.abort(new Error('enough')), 5);
      throw new NetworkError('network-failed', 'no', '', true);
    };
    await expect(
      patiently(work, { tries: 2, firstMs: 3_600_000, longestMs: 3_600_000 }, stop.signal),
    ).rejects.toThrow('enough');
  });
});
