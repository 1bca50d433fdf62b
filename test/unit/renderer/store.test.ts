import { describe, expect, test } from 'vitest';
import type { Metrics, Session, Turn, TurnStats } from '../../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../../electron/shared/errors.ts';
import { historyLength } from '../../../renderer/app/machine-state.ts';
import { memoryParts } from '../../../renderer/app/memory.ts';
import { blocked, createAppStore } from '../../../renderer/store.ts';
import { areas, ceiling } from '../../../renderer/ui/plot.ts';

const error: AppErrorValue = { code: 'engine-gone', message: 'The engine stopped.', hint: 'Try again.' };
const stats = { stopReason: 'stop' } as TurnStats;
const turn = (id: string, role: Turn['role'], text = '', rest: Partial<Turn> = {}): Turn => ({
  id,
  role,
  text,
  stats: null,
  error: null,
  ...rest,
});
const asked = turn('u', 'user', 'Hello');
const session = (...turns: Turn[]): Session => ({ id: 's', system: null, turns, writing: false });

function writing() {
  const store = createAppStore({ sessionId: 's' });
  const act = store.getState();
  act.replyStarted('Hello');
  act.replyAdvanced({ type: 'turn', turn: asked });
  act.replyAdvanced({ type: 'turn', turn: turn('a', 'assistant') });
  return { store, act, now: () => store.getState() };
}

describe('a reply', () => {
  test('grows by its items; the other turns keep their identity, so only it renders again', () => {
    const { act, now } = writing();
    const before = now().turns[0];
    act.replyAdvanced({ type: 'prefill', done: 128, total: 512 });
    expect(now().reply).toMatchObject({ turnId: 'a', prefill: { done: 128, total: 512 }, tokens: 0 });
    act.replyAdvanced({ type: 'text', turnId: 'a', text: 'Hi', tokens: 1 });
    act.replyAdvanced({ type: 'text', turnId: 'a', text: ' there', tokens: 3 });
    expect(now().turns[1]?.text).toBe('Hi there');
    expect(now().reply).toMatchObject({ prefill: null, tokens: 3 });
    expect(now().turns[0]).toBe(before);
  });

  test('ends as core says it ended', () => {
    const { act, now } = writing();
    act.replyEnded(session(asked, turn('a', 'assistant', 'Hi there', { stats })));
    expect(now().reply).toBeNull();
    expect(now().turns[1]?.stats).toBe(stats);
  });

  test('that breaks off keeps its text and carries the error', () => {
    const { act, now } = writing();
    act.replyAdvanced({ type: 'text', turnId: 'a', text: 'Hi', tokens: 1 });
    act.replyFailed(error);
    expect(now().turns[1]).toMatchObject({ text: 'Hi', error });
    expect(now().reply).toBeNull();
    expect(now().failure).toBeNull();
  });

  test('that breaks off before its first word is still there to be tried again', () => {
    const store = createAppStore({ sessionId: 's' });
    store.getState().replyStarted('Hello');
    store.getState().replyAdvanced({ type: 'turn', turn: asked });
    store.getState().replyFailed(error);
    expect(store.getState().turns.at(-1)).toMatchObject({ role: 'assistant', error });
  });

  test('to a message that core never took gives the message back', () => {
    const store = createAppStore({ sessionId: 's', draft: 'Hello' });
    store.getState().replyStarted('Hello');
    expect(store.getState().draft).toBe('');
    store.getState().replyFailed(error);
    expect(store.getState()).toMatchObject({ draft: 'Hello', failure: error, turns: [] });
  });

  test('to be written again takes the place of the last one, once core has begun', () => {
    const old = turn('a', 'assistant', 'Old', { stats });
    const store = createAppStore({ sessionId: 's', turns: [asked, old] });
    store.getState().retryStarted();
    expect(store.getState().turns).toEqual([asked, old]);
    const fresh = turn('b', 'assistant');
    store.getState().replyAdvanced({ type: 'turn', turn: fresh });
    expect(store.getState().turns).toEqual([asked, fresh]);
  });

  test('that cannot be written again leaves the last one as it is', () => {
    const old = turn('a', 'assistant', 'Old', { stats });
    const store = createAppStore({ sessionId: 's', turns: [asked, old] });
    store.getState().retryStarted();
    store.getState().replyFailed(error);
    expect(store.getState()).toMatchObject({ turns: [asked, old], failure: error, reply: null });
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
    store.getState().replyStarted('x');
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
