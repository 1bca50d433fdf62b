import { expect, test } from 'vitest';
import {
  childrenOf,
  lastWritten,
  pathTo,
  siblingsOf,
  subtreeOf,
} from '../../../electron/core/sessions/tree.ts';
import { seeded } from '../../user/seeded.ts';

const ids = (turns: readonly { id: string }[]) => turns.map(({ id }) => id).join(' ');

/**
 * a - b - c - g
 *   \ d - e
 *       \ f      h
 */
const turns = [
  ['a', null],
  ['b', 'a'],
  ['c', 'b'],
  ['d', 'a'],
  ['e', 'd'],
  ['f', 'd'],
  ['g', 'c'],
  ['h', null],
].map(([id, parent]) => ({ id: id as string, parent: parent ?? null }));

test('the path leads from the first turn to the leaf', () => {
  expect(ids(pathTo(turns, 'g'))).toBe('a b c g');
  expect(ids(pathTo(turns, 'd'))).toBe('a d');
  expect(pathTo(turns, null)).toEqual([]);
  expect(pathTo(turns, 'nobody')).toEqual([]);
});

test('siblings have the same parent, first turns too', () => {
  expect(ids(siblingsOf(turns, 'e'))).toBe('e f');
  expect(ids(siblingsOf(turns, 'h'))).toBe('a h');
  expect(siblingsOf(turns, 'nobody')).toEqual([]);
  expect(ids(childrenOf(turns, 'a'))).toBe('b d');
});

test('a subtree has all that hangs below', () => {
  expect(ids(subtreeOf(turns, 'd'))).toBe('d e f');
  expect(ids(subtreeOf(turns, 'a'))).toBe('a b c d e f g');
  expect(subtreeOf(turns, 'nobody')).toEqual([]);
});

test('a branch was last written at its youngest leaf', () => {
  expect(lastWritten(turns, 'a')?.id).toBe('g');
  expect(lastWritten(turns, 'd')?.id).toBe('f');
  expect(lastWritten(turns, 'h')?.id).toBe('h');
  expect(lastWritten(turns, 'nobody')).toBeNull();
});

test('in random trees, subtree and path agree, and the last written turn is a leaf', () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = seeded(seed);
    const size = 1 + random.between(0, 59);
    const grown = Array.from({ length: size }, (_, i) => ({
      id: `${i}`,
      parent: i === 0 || random.next() < 0.05 ? null : `${random.between(0, i - 1)}`,
    }));
    for (const { id } of grown) {
      const through = grown.filter((turn) => pathTo(grown, turn.id).some((step) => step.id === id));
      expect(subtreeOf(grown, id)).toEqual(through);
      const leaf = lastWritten(grown, id);
      expect(leaf).toBe(through.at(-1));
      expect(childrenOf(grown, leaf?.id ?? '')).toEqual([]);
    }
  }
});
