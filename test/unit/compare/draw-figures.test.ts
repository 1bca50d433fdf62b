import { expect, it } from 'vitest';
import { type Results, withFigures } from '../../../scripts/draw-figures.ts';

const results: Results = {
  date: '2026-11-24',
  machine: { device: 'AMD', backend: 'cpu', architecture: 'avx2', mlxVersion: '0.32.4', cores: 2 },
  names: ['ours', 'theirs', 'others'],
  absent: [],
  targets: [{ name: 'decode', value: 3.12345, target: 'at least 2', reached: true }],
  figures: [{ name: 'decode', unit: 'tokens/s', median: 200, least: 190, most: 210, runs: 7 }],
};
const readme =
  'before\n<!-- figures: written by scripts/draw-figures.ts -->\nold\n<!-- figures end -->\nafter\n';

it('figures come between the markers, in place of what was there, and a second time changes nothing', () => {
  const written = withFigures(readme, results, 'r.json');
  expect(written).toMatch(/^before\n<!--/);
  expect(written).toMatch(/<!-- figures end -->\nafter\n$/);
  expect(written).not.toContain('old');
  expect(written).toContain('| decode | 3.123    | at least 2 | reached |');
  expect(written).toContain('2026-11-24, AMD, 2 cores');
  expect(written).toContain('ours beside theirs; others.');
  expect(written).not.toMatch(/not reached|Absent/);
  expect(withFigures(written, results, 'r.json')).toBe(written);
});

it('a peer that was not measured is said to be absent', () => {
  const alone = withFigures(readme, { ...results, names: ['ours'], absent: ['mlx-lm'] }, 'r.json');
  expect(alone).toContain('(`r.json`); ours. Absent: mlx-lm.');
});

it('what was not reached is said, and a README without markers is refused', () => {
  const missed = { ...results, targets: results.targets.map((one) => ({ ...one, reached: false })) };
  expect(withFigures(readme, missed, 'r.json')).toContain('1 of 1 not reached.');
  expect(() => withFigures('nothing', results, 'r.json')).toThrow(/README\.md has no/);
});
