import { describe, expect, it } from 'vitest';
import type { Ready } from '../../../electron/core/loaded-model.ts';
import { createHot } from '../../../electron/core/sessions/hot.ts';
import type { PointHead } from '../../../electron/core/sessions/rows.ts';
import { AppError } from '../../../electron/shared/errors.ts';

/** An engine that only counts: which states there are, and which of them are broken. */
function engine() {
  const states = new Set<number>();
  const broken = new Set<number>();
  let count = 0;
  const create = () => {
    states.add(++count);
    return count;
  };
  const call = async (method: string, { state }: { state: number }) => {
    if (!states.has(state)) throw new AppError('state-not-found', 'gone', '');
    if (method === 'state.free') return void states.delete(state);
    if (broken.has(state)) throw new AppError('state-corrupt', 'broken', '');
    return { state: create() };
  };
  const life = (n: number) => ({ life: n, rpc: { call } }) as unknown as Ready;
  return { states, broken, create, life };
}
const point = (turn: string, tokens = 1): PointHead => ({
  turn,
  model: 'm',
  from: null,
  tokens,
  textLength: tokens,
  textHash: `${turn}${tokens}`,
});

describe('states in memory', () => {
  it('are handed out as forks, and stay', async () => {
    const { states, create, life } = engine();
    const hot = createHot();
    await hot.put(life(1), point('a'), create());
    expect(hot.has(life(1), point('a'))).toBe(true);
    expect(await hot.fork(life(1), point('a'))).toBe(2);
    expect(await hot.fork(life(1), point('b'))).toBeNull();
    expect(states).toEqual(new Set([1, 2]));
  });
  it('are the latest few: the longest unused goes', async () => {
    const { states, create, life } = engine();
    const hot = createHot();
    const turns = Array.from('abcdefgh');
    for (const turn of turns) await hot.put(life(1), point(turn), create());
    const fork = await hot.fork(life(1), point('a'));
    states.delete(fork as number);
    await hot.put(life(1), point('i'), create());
    expect(hot.has(life(1), point('a'))).toBe(true);
    expect(hot.has(life(1), point('b'))).toBe(false);
    expect(states.size).toBe(8);
  });
  it('are replaced and forgotten with their states', async () => {
    const { states, create, life } = engine();
    const hot = createHot();
    await hot.put(life(1), point('a'), create());
    await hot.put(life(1), point('a', 2), create());
    expect(states).toEqual(new Set([2]));
    expect(hot.has(life(1), point('a'))).toBe(false);
    expect(hot.has(life(1), point('a', 2))).toBe(true);
    await hot.forget(['a', 'x']);
    expect(states.size).toBe(0);
  });
  it('mean nothing to another loading of the model', async () => {
    const { create, life } = engine();
    const hot = createHot();
    await hot.put(life(1), point('a'), create());
    expect(hot.has(life(2), point('a'))).toBe(false);
    expect(await hot.fork(life(2), point('a'))).toBeNull();
    await hot.put(life(2), point('a'), create());
    expect(hot.has(life(2), point('a'))).toBe(true);
  });
  it('that are broken where they were parked are dropped', async () => {
    const { states, broken, create, life } = engine();
    const hot = createHot();
    await hot.put(life(1), point('a'), create());
    broken.add(1);
    expect(await hot.fork(life(1), point('a'))).toBeNull();
    expect(hot.has(life(1), point('a'))).toBe(false);
    expect(states.size).toBe(0);
  });
  it('are shared by a copy of their turn', async () => {
    const { states, create, life } = engine();
    const hot = createHot();
    await hot.put(life(1), point('a'), create());
    await hot.share(life(1), point('a'), 'copy');
    expect(hot.has(life(1), { ...point('a'), turn: 'copy' })).toBe(true);
    await hot.forget(['a']);
    expect(states).toEqual(new Set([2]));
  });
});
