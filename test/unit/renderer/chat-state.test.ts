import { describe, expect, test } from 'vitest';
import type { Turn, TurnStats } from '../../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../../electron/shared/errors.ts';
import { attachedOf, draftOf, replyOf, turnsOf } from '../../../renderer/chat/chat-state.ts';
import { createAppStore } from '../../../renderer/store.ts';
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

  test('gives back what was attached to it, too, beside what was attached meanwhile', () => {
    const store = open();
    const { attachedChanged, replyStarted, replyFailed } = store.getState();
    attachedChanged(['tides', 'yam']);
    replyStarted('s', 'An example');
    expect(attachedOf(store.getState())).toEqual(['tides', 'yam']);
    replyStarted('s', 'Hello', ['tides', 'yam']);
    expect(attachedOf(store.getState())).toEqual([]);
    attachedChanged(['yam', 'schiff']);
    replyFailed('s', error);
    expect(attachedOf(store.getState())).toEqual(['tides', 'yam', 'schiff']);
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
