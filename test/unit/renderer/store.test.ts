import { describe, expect, test } from 'vitest';
import type { Metrics } from '../../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../../electron/shared/errors.ts';
import { historyLength } from '../../../renderer/app/machine-state.ts';
import { memoryParts } from '../../../renderer/app/memory.ts';
import { blocked, createAppStore } from '../../../renderer/store.ts';
import { areas, ceiling } from '../../../renderer/ui/plot.ts';
import { session } from '../../e2e/shapes.ts';

const error: AppErrorValue = { code: 'engine-gone', message: 'The engine stopped.', hint: 'Try again.' };

describe('the library', () => {
  const { turns: _turns, ...first } = { ...session(), updatedAt: 10 };
  const second = { ...first, id: 't', updatedAt: 20 };

  test('holds the latest first, whatever changes', () => {
    const store = createAppStore();
    const act = store.getState();
    act.libraryRead({ sessions: [second, first], folders: [], presets: [], draft: '' });
    act.summaryChanged({ ...first, title: 'Anew', updatedAt: 30 });
    expect(store.getState().sessions?.map(({ id, title }) => [id, title])).toEqual([
      ['s', 'Anew'],
      ['t', 'Hello'],
    ]);
    act.summaryGone('s');
    expect(store.getState().sessions?.map(({ id }) => id)).toEqual(['t']);
  });

  test('an answer to what was searched for before is not shown', () => {
    const store = createAppStore();
    const act = store.getState();
    act.searched('sea');
    act.searched('seal');
    act.found('sea', []);
    expect(store.getState().hits).toBeNull();
    act.found('seal', []);
    expect(store.getState().hits).toEqual([]);
    act.searched(' ');
    expect(store.getState().hits).toBeNull();
  });
});

describe('sending', () => {
  const model = { name: 'Llamba' } as never;
  test('waits for connection, engine and the reply before, and says for which', () => {
    const store = createAppStore();
    const now = () => blocked(store.getState());
    expect(now()).toMatch(/Connecting/);
    store.getState().connected();
    expect(now()).toMatch(/loaded/);
    store.getState().engineChanged({ phase: 'ready', model });
    expect(now()).toBeNull();
    store.getState().replyStarted('', 'x');
    expect(now()).toMatch(/being written/);
    store.getState().connectionLost(error);
    expect(now()).toMatch(/Not connected/);
  });

  test('a death is remembered until it is read, the model throughout', () => {
    const store = createAppStore();
    const act = store.getState();
    act.engineChanged({ phase: 'ready', model });
    act.engineChanged({ phase: 'restarting', error });
    act.engineChanged({ phase: 'loading', model: 'x', done: 1, total: 2 });
    expect(store.getState()).toMatchObject({ died: true, model });
    act.engineChanged({ phase: 'ready', model });
    expect(store.getState().died).toBe(true);
    act.deathRead();
    expect(store.getState().died).toBe(false);
  });
});

describe('measurements', () => {
  const measured = (at: number): Metrics =>
    ({
      at,
      weightBytes: 80,
      stateBytes: 5,
      activeBytes: 100,
      cacheBytes: 10,
      footprintBytes: 200,
    }) as Metrics;

  test('are kept for three minutes and no longer', () => {
    const store = createAppStore();
    for (let at = 0; at < historyLength + 5; at++) store.getState().measured(measured(at));
    expect(store.getState().history).toHaveLength(historyLength);
    expect(store.getState().history[0]?.at).toBe(5);
  });

  test('the parts of memory add up to the footprint, and none is negative', () => {
    const parts = memoryParts(measured(0));
    expect(parts).toEqual({ weights: 80, states: 5, scratch: 25, rest: 90 });
    expect(memoryParts({ ...measured(0), activeBytes: 60, footprintBytes: 70 })).toMatchObject({
      scratch: 0,
      rest: 0,
    });
  });

  test('a plot stacks its layers under a ceiling that leaves air', () => {
    expect(ceiling(100)).toBeGreaterThanOrEqual(110);
    expect(ceiling(100)).toBeLessThan(150);
    const layer = (values: number[]) => ({ name: 'x', colour: '', values });
    const { paths, top } = areas({
      times: [0, 50, 100],
      span: 100,
      layers: [layer([1, 1, 1]), layer([2, 2, 2])],
    });
    expect(top).toBe(3.5);
    // The second layer's floor is the first one's roof.
    const roof = paths[0]?.match(/(?<=[ML])[\d.]+ [\d.]+/)?.[0];
    expect(paths[1]).toContain(roof);
    expect(paths[1]).toMatch(/^M0\.0 /);
  });
});
