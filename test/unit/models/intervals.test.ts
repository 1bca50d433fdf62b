import { describe, expect, it } from 'vitest';
import {
  bytesIn,
  gaps,
  type Interval,
  nextPiece,
  prefixOf,
  withInterval,
} from '../../../electron/core/models/intervals.ts';
import { seeded } from '../../user/seeded.ts';

const mebibyte = 2 ** 20;

describe('intervals', () => {
  it('are, after any additions, what a list of bytes says', () => {
    const { next: random } = seeded(11);
    for (let round = 0; round < 300; round++) {
      const there = new Set<number>();
      let intervals: Interval[] = [];
      for (let n = 0; n < 12; n++) {
        const from = Math.floor(random() * 40);
        const to = from + Math.floor(random() * 9);
        intervals = withInterval(intervals, [from, to]);
        for (let byte = from; byte < to; byte++) there.add(byte);
        const bytes = intervals.flatMap(([a, b]) => Array.from({ length: b - a }, (_, i) => a + i));
        expect(bytes).toEqual([...there].sort((a, b) => a - b));
        // In order and never touching: as few as there can be.
        for (const [i, [from]] of intervals.entries()) {
          if (i > 0) expect(from).toBeGreaterThan(intervals[i - 1]?.[1] ?? -1);
        }
        const missing = gaps(intervals, 48).flatMap(([a, b]) =>
          Array.from({ length: b - a }, (_, i) => a + i),
        );
        expect(missing).toEqual(Array.from({ length: 48 }, (_, i) => i).filter((byte) => !there.has(byte)));
        expect(bytesIn(intervals)).toBe(there.size);
        expect(prefixOf(intervals)).toBe(
          Array.from({ length: 50 }, (_, i) => i).findIndex((byte) => !there.has(byte)),
        );
      }
    }
  });
});

describe('pieces', () => {
  it('cover a file once, in order, the last ones small', () => {
    for (const size of [1, 100, mebibyte, 10 * mebibyte + 1, 3000 * mebibyte + 7]) {
      let taken: readonly Interval[] = [];
      const pieces: Interval[] = [];
      for (let piece = nextPiece(taken, size, 4); piece; piece = nextPiece(taken, size, 4)) {
        pieces.push(piece);
        taken = withInterval(taken, piece);
      }
      expect(taken).toEqual([[0, size]]);
      expect(bytesIn(pieces)).toBe(size);
      expect(pieces).toEqual(pieces.toSorted((a, b) => a[0] - b[0]));
      const lengths = pieces.map(([from, to]) => to - from);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(64 * mebibyte);
      expect(lengths.slice(0, -1).every((length) => length >= mebibyte)).toBe(true);
      if (size > 100 * mebibyte) expect(lengths.at(-1)).toBeLessThan(2 * mebibyte);
    }
  });
  it('fill the gaps of what is there', () => {
    expect(
      nextPiece(
        [
          [0, 10],
          [20, 30],
        ],
        40,
        4,
      ),
    ).toEqual([10, 20]);
    expect(nextPiece([[0, 40]], 40, 4)).toBeNull();
    expect(nextPiece([], 0, 4)).toBeNull();
  });
});
