import { expect, it } from 'vitest';
import { mostTelling } from '../../../electron/core/documents/salience.ts';

const sea = 'The harbour measured every tide of the harbour with care.';
const rest = [
  'Nobody can remember whether Wednesday was rainy.',
  'The harbour has an officer who measured the tide.',
  'A tide table hangs beside the harbour office.',
];

it('takes first what is said of most, then what has not been said', () => {
  expect(mostTelling([...rest, sea], 1)).toEqual([sea]);
  const two = ['tides tides tides harbour harbour harbour.', 'tides tides harbour harbour today.'];
  expect(mostTelling([...two, 'pencil pencil pencil pencil curve curve.'], 2)).toEqual([
    two[0],
    'pencil pencil pencil pencil curve curve.',
  ]);
});
it('gives as many as there are, each once', () => {
  expect(mostTelling([], 3)).toEqual([]);
  expect(new Set(mostTelling(rest, 9))).toEqual(new Set(rest));
});
