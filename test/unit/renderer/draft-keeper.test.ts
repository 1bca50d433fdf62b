import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '../../../electron/shared/errors.ts';
import type { Link } from '../../../renderer/app/link.ts';
import { keepDrafts } from '../../../renderer/chat/draft-keeper.ts';
import { createAppStore } from '../../../renderer/store.ts';
import { session } from '../../e2e/shapes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A keeper over a link whose calls are recorded; `answer` is what each of them gives. */
function keeping(answer: () => Promise<unknown> = async () => ({})) {
  const store = createAppStore();
  const calls: [string, unknown][] = [];
  const told: unknown[] = [];
  const rpc = {
    call(name: string, params: unknown) {
      calls.push([name, params]);
      return answer();
    },
  } as unknown as NonNullable<Link['rpc']>;
  const link = { store, rpc: rpc as Link['rpc'], told: (error: unknown) => void told.push(error) };
  const page = Object.assign(new EventTarget(), {
    visibilityState: 'visible',
    defaultView: new EventTarget(),
  });
  const keeper = keepDrafts(link, page as unknown as Document);
  return { act: store.getState(), calls, told, rpc, link, page, keeper };
}
const saved = (text: string) => ['drafts.save', { text }];

describe('a draft', () => {
  test('is saved once, 300 ms after the last key', () => {
    const { act, calls } = keeping();
    act.draftChanged('a');
    vi.advanceTimersByTime(299);
    act.draftChanged('ab');
    vi.advanceTimersByTime(299);
    expect(calls).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(calls).toEqual([saved('ab')]);
    vi.advanceTimersByTime(10_000);
    expect(calls).toHaveLength(1);
  });

  test('of a session goes to that session, though another is shown when it is saved', () => {
    const { act, calls } = keeping();
    act.sessionOpened(session());
    act.draftChanged('for s');
    act.sessionOpened({ ...session(), id: 'o' });
    vi.advanceTimersByTime(300);
    expect(calls).toEqual([['sessions.change', { session: 's', change: { draft: 'for s' } }]]);
  });

  test('is saved at once when the page is hidden, closed or the field is left', () => {
    const { act, calls, page } = keeping();
    act.draftChanged('a');
    page.visibilityState = 'hidden';
    page.dispatchEvent(new Event('visibilitychange'));
    act.draftChanged('ab');
    page.defaultView.dispatchEvent(new Event('pagehide'));
    act.draftChanged('abc');
    page.dispatchEvent(new Event('focusout'));
    expect(calls).toEqual([saved('a'), saved('ab'), saved('abc')]);
  });

  test('typed without a connection is saved when there is one again', () => {
    const { act, calls, link, rpc, keeper } = keeping();
    link.rpc = null;
    act.draftChanged('offline');
    vi.advanceTimersByTime(300);
    expect(calls).toEqual([]);
    link.rpc = rpc;
    keeper.again();
    expect(calls).toEqual([saved('offline')]);
  });

  test('whose saving failed is saved again, and the user is told why', async () => {
    let broken = true;
    const { act, calls, told, keeper } = keeping(async () => {
      if (broken) throw new Error('broken off');
      return {};
    });
    act.sessionOpened(session());
    act.draftChanged('kept');
    await vi.advanceTimersByTimeAsync(300);
    expect(told).toHaveLength(1);
    broken = false;
    keeper.again();
    expect(calls).toHaveLength(2);
    expect(calls[1]).toEqual(calls[0]);
  });

  test('of the chat that has no session yet is kept and told of in the same way', async () => {
    const { act, calls, told, keeper } = keeping(async () => {
      throw new AppError('disk-full', 'The disk is full.', 'Free some space.');
    });
    act.draftChanged('kept');
    await vi.advanceTimersByTimeAsync(300);
    expect(told).toHaveLength(1);
    keeper.again();
    expect(calls).toEqual([saved('kept'), saved('kept')]);
  });

  test('of a session deleted meanwhile is let go', async () => {
    const { act, calls, told, keeper } = keeping(async () => {
      throw new AppError('session-not-found', 'It is gone.', '');
    });
    act.sessionOpened(session());
    act.draftChanged('late');
    await vi.advanceTimersByTimeAsync(300);
    keeper.again();
    expect(told).toEqual([]);
    expect(calls).toHaveLength(1);
  });

  test('of a private chat is saved nowhere', () => {
    const { act, calls, page } = keeping();
    act.chatBegun(true);
    act.draftChanged('secret');
    page.dispatchEvent(new Event('focusout'));
    vi.advanceTimersByTime(300);
    expect(JSON.stringify(calls)).not.toContain('secret');
  });
});
