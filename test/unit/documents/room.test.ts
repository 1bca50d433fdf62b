import { describe, expect, it } from 'vitest';
import { overBudget } from '../../../electron/core/documents/room.ts';
import { seeded } from '../../user/seeded.ts';

const state = (file: string, usedAt: number, number = 0, bytes = 10) => ({ file, usedAt, number, bytes });

describe('what goes when states take too much', () => {
  it('is nothing while they fit', () => {
    expect(overBudget([state('a', 1)], 10, 10)).toEqual([]);
  });
  it('is of the document used longest ago, its end first', () => {
    const states = [state('new 0', 2, 0), state('old 0', 1, 0), state('old 1', 1, 1), state('nobody’s', 0)];
    expect(overBudget(states, 40, 20)).toEqual(['nobody’s', 'old 1']);
    expect(overBudget(states, 40, 15)).toEqual(['nobody’s', 'old 1', 'old 0']);
  });
  it('is all that may go where that is not enough', () => {
    expect(overBudget([state('a', 1)], 1000, 20)).toEqual(['a']);
  });
  it('is never more than needed, for 200 random libraries', () => {
    const random = seeded(3);
    for (let i = 0; i < 200; i++) {
      const states = Array.from({ length: random.between(0, 30) }, (_, at) =>
        state(String(at), random.between(0, 4), at, random.between(1, 50)),
      );
      const all = states.reduce((sum, { bytes }) => sum + bytes, 0);
      const budget = random.between(0, 800);
      const gone = overBudget(states, all, budget);
      const bytesOf = (files: readonly string[]) =>
        states.filter(({ file }) => files.includes(file)).reduce((sum, { bytes }) => sum + bytes, 0);
      expect(all - bytesOf(gone)).toBeLessThanOrEqual(Math.max(budget, 0));
      expect(gone.length === 0 || all - bytesOf(gone.slice(0, -1)) > budget).toBe(true);
    }
  });
});
