import { describe, expect, it } from 'vitest';
import { openedSession, resumeCosts } from '../../../electron/core/sessions/opened.ts';
import type { PointHead, SessionRow, TurnRow } from '../../../electron/core/sessions/rows.ts';

const point = (turn: string, tokens: number, from: string | null): PointHead => ({
  turn,
  model: 'm',
  from,
  tokens,
  textLength: 4 * tokens,
  textHash: turn,
});
const path = ['u1', 'a1', 'u2', 'a2'].map((id) => ({ id, text: 'x'.repeat(40) }));
const points = [point('u1', 30, null), point('a1', 50, 'u1'), point('u2', 70, 'a1'), point('a2', 100, 'u2')];
const costs = (known: readonly PointHead[], ...kept: string[]) =>
  resumeCosts(path, { points: known, kept: ({ turn }) => kept.includes(turn) }).map(({ tokens, exact }) =>
    exact ? tokens : `about ${tokens}`,
  );

describe('what it takes to stand at the end of a turn', () => {
  it('is nothing where the state is kept', () => {
    expect(costs(points, 'u1', 'a1', 'u2', 'a2')).toEqual([0, 0, 0, 0]);
  });
  it('is the ids from the nearest state before', () => {
    expect(costs(points, 'a1')).toEqual([30, 0, 20, 50]);
    expect(costs(points)).toEqual([30, 50, 70, 100]);
  });
  it('is estimated from where the model never was, and exact again behind', () => {
    expect(costs([], 'u1')).toEqual(['about 15', 'about 30', 'about 45', 'about 60']);
    expect(costs([points[0], points[3]] as PointHead[], 'u1', 'a2')).toEqual([0, 'about 15', 'about 30', 0]);
  });
  it('is estimated where the way leads over a point that is no more', () => {
    expect(costs([points[0], points[2]] as PointHead[], 'u1')).toEqual([
      0,
      'about 15',
      'about 30',
      'about 45',
    ]);
  });
});

const row = { id: 's', title: '', draft: 'd', leaf: 'a2', sampling: {} } as SessionRow;
const turns = [
  ['u1', null],
  ['a1', 'u1'],
  ['b1', 'u1'],
  ['u2', 'a1'],
].map(([id, parent]) => ({ id, parent, text: '', status: id === 'b1' ? 'writing' : 'whole' })) as TurnRow[];
const none = { points: [], kept: () => false };

describe('an opened session', () => {
  it('shows the siblings of each turn, oldest first', () => {
    const shown = openedSession(row, turns, [turns[0], turns[2]] as TurnRow[], none, {
      ephemeral: true,
      writing: 'b1',
    });
    expect(shown).toMatchObject({ ephemeral: true, writing: true, draft: 'd' });
    expect(shown.turns.map(({ siblings }) => siblings)).toEqual([['u1'], ['a1', 'b1']]);
    expect(shown.turns[1]?.status).toBe('writing');
  });
  it('shows as cut what nobody is writing any more', () => {
    const shown = openedSession(row, turns, [turns[2]] as TurnRow[], none, {
      ephemeral: false,
      writing: null,
    });
    expect(shown.turns[0]?.status).toBe('cut');
    expect(shown.writing).toBe(false);
  });
});
