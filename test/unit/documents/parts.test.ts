import { describe, expect, it } from 'vitest';
import { partsOf, shareWithin } from '../../../electron/core/documents/parts.ts';

describe('parts of a document', () => {
  it('are the pages of one title', () => {
    expect(partsOf(['Storm', 'Storm (2)', 'Storm (3)', 'Calm'], 8)).toEqual([
      { title: 'Storm', first: 1, last: 3 },
      { title: 'Calm', first: 4, last: 4 },
    ]);
  });
  it('are as many pages each where these are only numbered', () => {
    const parts = partsOf(
      Array.from({ length: 100 }, (_, i) => String(i + 1)),
      8,
    );
    expect(parts).toHaveLength(8);
    expect(parts.every(({ title }) => title === null)).toBe(true);
    expect(parts.map(({ first }) => first)).toEqual([1, 13, 26, 38, 51, 63, 76, 88]);
    expect(parts.at(-1)?.last).toBe(100);
  });
  it('are put together where there are too many; one that stays alone keeps its title', () => {
    expect(partsOf(['A', 'B', 'C'], 2)).toEqual([
      { title: 'A', first: 1, last: 1 },
      { title: null, first: 2, last: 3 },
    ]);
  });
  it('have a share of a text, by its pages', () => {
    const text = (...pages: [number, number][]) => ({
      text: '',
      pages: pages.map(([first, last]) => ({ first, last })),
    });
    expect(shareWithin(text([1, 4]), { first: 3, last: 9 })).toBe(0.5);
    expect(shareWithin(text([1, 2], [8, 9]), { first: 9, last: 9 })).toBe(0.25);
    expect(shareWithin(text([1, 2]), { first: 3, last: 4 })).toBe(0);
    expect(shareWithin(text([5, 5]), { first: 1, last: 9 })).toBe(1);
  });
});
