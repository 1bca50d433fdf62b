import { describe, expect, test } from 'vitest';
import type { Metrics, Turn, TurnStats } from '../../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../../electron/shared/errors.ts';
import { historyLength } from '../../../renderer/app/machine-state.ts';
import { memoryParts } from '../../../renderer/app/memory.ts';
import { draftOf, replyOf, turnsOf } from '../../../renderer/chat/chat-state.ts';
import { blocked, createAppStore } from '../../../renderer/store.ts';
import { areas, ceiling } from '../../../renderer/ui/plot.ts';
import { session, turn } from '../../e2e/shapes.ts';

const error: AppErrorValue = { code: 'engine-gone', message: 'The engine stopped.', hint: 'Try again.' };
const stats = { stopReason: 'stop' } as TurnStats;

function writing() {
  const store = createAppStore({ sessionId: 's', opened: { s: session() } });
  const act = store.getState();
  act.replyStarted('s', 'Hello');
  act.replyAdvanced('s', { type: 'turn', turn: asked });
  act.replyAdvanced('s', { type: 'turn', turn: turn('a', 'assistant', '') });
  return { store, act, now: store.getState };
}
const asked = turn('u', 'user', 'Hello');
const open = (...turns: Turn[]) => createAppStore({ sessionId: 's', opened: { s: session(...turns) } });

describe('a reply', () => {
  test('grows by its items; the other turns keep their identity, so only it renders again', () => {
    const { act, now } = writing();
    const before = turnsOf(now())[0];
    act.replyAdvanced('s', { type: 'prefill', done: 128, total: 512 });
    expect(replyOf(now())).toMatchObject({ turnId: 'a', prefill: { done: 128, total: 512 }, tokens: 0 });
    act.replyAdvanced('s', { type: 'text', turnId: 'a', text: 'Hi', tokens: 1 });
    act.replyAdvanced('s', { type: 'text', turnId: 'a', text: ' there', tokens: 3 });
    expect(turnsOf(now())[1]?.text).toBe('Hi there');
    expect(replyOf(now())).toMatchObject({ prefill: null, tokens: 3 });
    expect(turnsOf(now())[0]).toBe(before);
  });

  test('waits while the disk is full, and goes on', () => {
    const { act, now } = writing();
    act.replyAdvanced('s', { type: 'paused', error });
    expect(replyOf(now())?.paused).toBe(error);
    act.replyAdvanced('s', { type: 'resumed' });
    expect(replyOf(now())?.paused).toBeNull();
  });

  test('ends as core says it ended', () => {
    const { act, now } = writing();
    act.replyEnded(session(asked, turn('a', 'assistant', 'Hi there', { stats })));
    expect(replyOf(now())).toBeNull();
    expect(turnsOf(now())[1]?.stats).toBe(stats);
  });

  test('that breaks off keeps its text and carries the error', () => {
    const { act, now } = writing();
    act.replyAdvanced('s', { type: 'text', turnId: 'a', text: 'Hi', tokens: 1 });
    act.replyFailed('s', error);
    expect(turnsOf(now())[1]).toMatchObject({ text: 'Hi', status: 'cut', error });
    expect(replyOf(now())).toBeNull();
    expect(now().failure).toBeNull();
  });

  test('to a message that core never took gives the message back', () => {
    const store = open();
    store.getState().draftChanged('Hello');
    store.getState().replyStarted('s', 'Hello');
    expect(draftOf(store.getState())).toBe('');
    store.getState().replyFailed('s', error);
    expect(draftOf(store.getState())).toBe('Hello');
    expect(store.getState().failure).toBe(error);
  });

  test('that comes back stands before what was typed meanwhile', () => {
    const store = open();
    store.getState().replyStarted('s', 'Hello');
    store.getState().draftChanged('And another thing');
    store.getState().replyFailed('s', error);
    expect(draftOf(store.getState())).toBe('Hello\n\nAnd another thing');
  });

  test('to what was not typed in the field, an edited turn or an example, leaves the draft alone', () => {
    const store = open(asked);
    store.getState().draftChanged('Half a thought');
    store.getState().replyStarted('s', 'Hello, edited');
    expect(draftOf(store.getState())).toBe('Half a thought');
    const fresh = createAppStore();
    fresh.getState().draftChanged('Half a thought');
    fresh.getState().replyStarted('', 'An example');
    fresh.getState().sessionBegun(session());
    expect(draftOf(fresh.getState())).toBe('Half a thought');
  });

  test('being edited keeps its words while another session is on the screen', () => {
    const store = open(asked);
    store.getState().editChanged('u', 'Hello there');
    store.getState().chatBegun(false);
    expect(store.getState().edits.u).toBe('Hello there');
    store.getState().editChanged('u', null);
    expect(store.getState().edits).toEqual({});
  });

  test('to an earlier message takes the place of the branch shown below it, once core has begun', () => {
    const old = [turn('a', 'assistant', 'Old'), turn('v', 'user', 'More', { parent: 'a' })];
    const store = open(asked, ...old);
    store.getState().replyStarted('s', null);
    expect(turnsOf(store.getState())).toEqual([asked, ...old]);
    const fresh = turn('b', 'assistant', '', { siblings: ['a', 'b'] });
    store.getState().replyAdvanced('s', { type: 'turn', turn: fresh });
    expect(turnsOf(store.getState())).toEqual([asked, fresh]);
  });

  test('that never began leaves the last one as it is', () => {
    const old = turn('a', 'assistant', 'Old', { stats });
    const store = open(asked, old);
    store.getState().replyStarted('s', null);
    store.getState().replyFailed('s', error);
    expect(turnsOf(store.getState())).toEqual([asked, old]);
    expect(store.getState().failure).toBe(error);
  });
});

describe('several sessions', () => {
  const other = { ...session(), id: 'o' };

  test('one goes on being written while another is looked at, and is there when it is looked at again', () => {
    const { act, now } = writing();
    act.sessionOpened(other);
    act.replyAdvanced('s', { type: 'text', turnId: 'a', text: 'Hi', tokens: 1 });
    expect(turnsOf(now())).toEqual([]);
    expect(replyOf(now())).toBeNull();
    act.sessionOpened(session(asked)); // what the disk has is older
    expect(turnsOf(now())[1]?.text).toBe('Hi');
  });

  test('one that ends out of sight is dropped: it is read when it is opened', () => {
    const { act, now } = writing();
    act.sessionOpened(other);
    act.replyEnded(session(asked, turn('a', 'assistant', 'Hi there')));
    expect(Object.keys(now().opened)).toEqual(['o']);
  });

  test('a new chat gets its session with its first message, and its reply moves there', () => {
    const store = createAppStore();
    const act = store.getState();
    act.replyStarted('', 'Hello');
    act.sessionBegun(session());
    expect(store.getState().sessionId).toBe('s');
    expect(replyOf(store.getState())?.sent).toBe('Hello');
  });

  test('a new chat that was left before it got its session does not take the screen back', () => {
    const store = createAppStore();
    const act = store.getState();
    act.replyStarted('', 'Hello');
    act.sessionOpened(other);
    act.sessionBegun(session());
    expect(store.getState().sessionId).toBe('o');
    expect(store.getState().replies.s?.sent).toBe('Hello');
  });

  test('drafts belong to their sessions', () => {
    const store = open();
    const act = store.getState();
    act.draftChanged('for s');
    act.sessionOpened({ ...other, draft: 'from the disk' });
    expect(draftOf(store.getState())).toBe('from the disk');
    act.chatBegun(false);
    expect(draftOf(store.getState())).toBe('');
    act.sessionOpened(session());
    expect(draftOf(store.getState())).toBe('for s');
  });
});

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
