import { describe, expect, test } from 'vitest';
import type { CheckpointPlace } from '../../../electron/core/sessions/rows.ts';
import { thin } from '../../../electron/core/sessions/thinning.ts';
import { seeded } from '../../user/seeded.ts';
import { aCheckpoint } from './some-rows.ts';

const place = (turn: string, part: Partial<CheckpointPlace> = {}): CheckpointPlace => ({
  ...aCheckpoint(turn, { file: turn, bytes: 1 }),
  session: 's',
  pinned: false,
  distance: null,
  branches: false,
  ...part,
});

/** One checkpoint at each distance of the active branch; the file is named by the distance. */
const branch = (length: number, part: Partial<CheckpointPlace> = {}) =>
  Array.from({ length }, (_, distance) => place(`${distance}`, { distance, ...part }));

/** All in the order in which they would go. */
const order = (places: readonly CheckpointPlace[]) => thin(places, 0);

const bytesOf = (places: readonly CheckpointPlace[]) =>
  [...new Map(places.map(({ file, bytes }) => [file, bytes])).values()].reduce(
    (sum, bytes) => sum + bytes,
    0,
  );

describe('what goes first', () => {
  test('nothing, while the budget holds it', () => {
    expect(thin(branch(40), 40)).toEqual([]);
    expect(thin([], 0)).toEqual([]);
  });

  test('far turns between the doublings, from the furthest; then the doublings; the last eight at the end', () => {
    const going = order(branch(40)).map(Number);
    const kept = [39, 31, 15]; // the furthest of [32, 64), [16, 32), [8, 16)
    const surplus = Array.from({ length: 32 }, (_, i) => 39 - i).filter(
      (distance) => !kept.includes(distance),
    );
    expect(going).toEqual([...surplus, ...kept, 7, 6, 5, 4, 3, 2, 1, 0]);
  });

  test('other branches before the doublings, the ones not used for longest before', () => {
    const others = [place('new', { usedAt: 9 }), place('old', { usedAt: 3 })];
    expect(order([...branch(10), ...others])).toEqual([
      '8',
      'old',
      'new',
      '9',
      '7',
      '6',
      '5',
      '4',
      '3',
      '2',
      '1',
      '0',
    ]);
  });

  test('sessions by when they were last used', () => {
    const session = (name: string, usedAt: number) => [
      place(`${name}0`, { session: name, distance: 0, usedAt: 1 }),
      place(`${name}1`, { session: name, distance: 1, usedAt }),
    ];
    const places = [...session('b', 5), ...session('c', 9), ...session('a', 7)];
    expect(order(places)).toEqual(['b1', 'b0', 'a1', 'a0', 'c1', 'c0']);
  });

  test('places where branches part before pinned sessions, both after all others', () => {
    const places = [
      place('pinned', { pinned: true, session: 'p' }),
      place('parting', { branches: true }),
      place('last', { distance: 0, usedAt: 9999 }),
      place('pinned parting', { pinned: true, branches: true, session: 'p' }),
    ];
    expect(order(places)).toEqual(['last', 'parting', 'pinned', 'pinned parting']);
  });

  test('a shared file has the highest claim of those who share it, and counts once', () => {
    const places = [
      place('a', { file: 'shared', bytes: 10 }),
      place('b', { file: 'shared', bytes: 10, session: 't', distance: 0 }),
      place('c', { file: 'own', bytes: 10, session: 't', distance: 1 }),
    ];
    expect(order(places)).toEqual(['own', 'shared']);
    expect(thin(places, 20)).toEqual([]);
    expect(thin(places, 10)).toEqual(['own']);
  });

  test('models have doublings of their own', () => {
    const places = [place('a', { distance: 9 }), place('b', { distance: 10, model: 'other' })];
    const dropped = order([...places, place('c', { distance: 8 })]);
    expect(dropped[0]).toBe('c');
  });
});

function someCheckpoints(seed: number): CheckpointPlace[] {
  const random = seeded(seed);
  return Array.from({ length: 1 + random.between(0, 79) }, (_, i) => {
    const file = `f${random.next() < 0.2 ? random.between(0, i) : i}`;
    return place(`t${i}`, {
      file,
      bytes: 1 + (Number(file.slice(1)) % 7),
      session: `s${random.between(0, 4)}`,
      model: random.next() < 0.1 ? 'other' : 'model',
      pinned: random.next() < 0.2,
      branches: random.next() < 0.2,
      distance: random.next() < 0.3 ? null : random.between(0, 99),
      usedAt: random.between(0, 999),
    });
  });
}

test('laws, for 300 random libraries', () => {
  for (let seed = 0; seed < 300; seed++) {
    const places = someCheckpoints(seed);
    const random = seeded(seed + 1000);
    const budget = random.between(0, bytesOf(places) + 1);
    const dropped = thin(places, budget);
    const left = places.filter(({ file }) => !dropped.includes(file));
    // Within the budget, and not one file more than that takes.
    expect(bytesOf(left)).toBeLessThanOrEqual(budget);
    const spared = dropped.at(-1);
    if (spared !== undefined) {
      const more = places.filter(({ file }) => file === spared || !dropped.includes(file));
      expect(bytesOf(more)).toBeGreaterThan(budget);
    }
    // Whatever the order of the rows, the same; and what is dropped for a budget is dropped for every smaller one.
    expect(thin(places.toReversed(), budget)).toEqual(dropped);
    expect(thin(places, random.between(0, budget)).slice(0, dropped.length)).toEqual(dropped);
    expect(thin(left, budget)).toEqual([]);
    // No claim of a pinned session, or of a parting, is dropped while one of neither stays.
    const strength = (file: string) =>
      Math.max(
        ...places.filter((p) => p.file === file).map((p) => 2 * Number(p.pinned) + Number(p.branches)),
      );
    const strongest = Math.max(-1, ...dropped.map(strength));
    for (const { file } of left) expect(strength(file)).toBeGreaterThanOrEqual(strongest);
  }
});

test('however long a session grows, from far back it is at most eight times as far to a kept state', () => {
  const budget = 8 + 8; // the last eight, and one for each doubling up to 2^11 turns
  let turns: number[] = [];
  for (let length = 1; length <= 2000; length++) {
    turns.push(length);
    const dropped = new Set(
      thin(
        turns.map((turn) => place(`${turn}`, { distance: length - turn })),
        budget,
      ),
    );
    turns = turns.filter((turn) => !dropped.has(`${turn}`));
    const kept = turns.map((turn) => length - turn).sort((a, b) => a - b);
    expect(kept.slice(0, 8)).toEqual(Array.from({ length: Math.min(length, 8) }, (_, i) => i));
    for (const [i, distance] of kept.slice(8).entries()) {
      const nearer = kept[i + 7] ?? 0;
      expect(distance).toBeLessThan(8 * (nearer + 1));
    }
  }
});
