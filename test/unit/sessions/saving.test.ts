import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { soon, whenRoom } from '../../../electron/core/sessions/saving.ts';
import type { ReplyItem } from '../../../electron/shared/contract.ts';
import { AppError, type AppErrorValue } from '../../../electron/shared/errors.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const full = () => {
  throw new AppError('disk-full', 'The disk is full.', 'Make room.');
};
/** A disk that has room again after `times` writes. */
function disk(times: number) {
  const told: (AppErrorValue | null)[] = [];
  const items: ReplyItem['type'][] = [];
  let left = times;
  const stop = new AbortController();
  const saved = whenRoom(
    () => (left-- > 0 ? full() : 'saved'),
    { full: (error: AppErrorValue | null) => void told.push(error) } as Parameters<typeof whenRoom>[1],
    ({ type }) => items.push(type),
    stop.signal,
  );
  return { told, items, saved, stop };
}

describe('writing to a disk that may be full', () => {
  it('says nothing where there is room', async () => {
    const { told, items, saved } = disk(0);
    expect(await saved).toBe('saved');
    expect([told, items]).toEqual([[], []]);
  });
  it('waits, says so once, and goes on when there is room', async () => {
    const { told, items, saved } = disk(3);
    await vi.advanceTimersByTimeAsync(2900);
    expect(items).toEqual(['paused']);
    await vi.advanceTimersByTimeAsync(200);
    expect(await saved).toBe('saved');
    expect(items).toEqual(['paused', 'resumed']);
    expect(told).toEqual([expect.objectContaining({ code: 'disk-full' }), null]);
  });
  it('waits no longer when it is to stop', async () => {
    const { items, saved, stop } = disk(1000);
    const refused = expect(saved).rejects.toMatchObject({ code: 'disk-full' });
    await vi.advanceTimersByTimeAsync(1500);
    stop.abort();
    await refused;
    expect(items).toEqual(['paused']);
  });
  it('does not wait for what room does not help', async () => {
    const { told, items } = disk(0);
    const broken = () => {
      throw new AppError('storage-damaged', 'It is damaged.', '');
    };
    const storage = { full: () => undefined } as unknown as Parameters<typeof whenRoom>[1];
    const { signal } = new AbortController();
    await expect(whenRoom(broken, storage, () => undefined, signal)).rejects.toMatchObject({
      code: 'storage-damaged',
    });
    expect([told, items]).toEqual([[], []]);
  });
});

describe('saving soon', () => {
  it('is within a second of the first change, once for many', () => {
    let saves = 0;
    const saver = soon(
      () => saves++,
      () => undefined,
    );
    for (let ms = 0; ms < 3000; ms += 50) {
      saver.dirty();
      vi.advanceTimersByTime(50);
    }
    expect(saves).toBeGreaterThanOrEqual(3);
    expect(saves).toBeLessThan(5);
    saver.dirty();
    saver.stop();
    const before = saves;
    vi.advanceTimersByTime(5000);
    expect(saves).toBe(before);
  });
  it('hands on what fails', () => {
    const failures: unknown[] = [];
    const saver = soon(full, (error) => failures.push(error));
    saver.dirty();
    vi.advanceTimersByTime(1000);
    expect(failures).toMatchObject([{ code: 'disk-full' }]);
  });
});
