import { describe, expect, it } from 'vitest';
import { createUnderWay } from '../../../electron/core/sessions/under-way.ts';

const never = new AbortController().signal;
/** Work that ends when it is stopped, with what it then says. */
const untilStopped = (log: string[], name: string) => async (signal: AbortSignal) => {
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  log.push(`${name} ended`);
};

describe('replies under way', () => {
  it('are known by their sessions, one in each', async () => {
    const underWay = createUnderWay();
    const log: string[] = [];
    expect(underWay.turn('a')).toBeNull();
    const running = underWay.run('a', 'turn', never, untilStopped(log, 'a'));
    expect(underWay.turn('a')).toBe('turn');
    expect(() => underWay.refuse('a')).toThrowError(expect.objectContaining({ code: 'busy' }));
    expect(() => underWay.refuse('b')).not.toThrow();
    expect([underWay.elsewhere('a'), underWay.elsewhere('b'), underWay.elsewhere(null)]).toEqual([
      false,
      true,
      true,
    ]);
    await underWay.stop('a');
    await running;
    expect(underWay.turn('a')).toBeNull();
    expect(underWay.elsewhere(null)).toBe(false);
  });
  it('are over for who stopped them only after their callers heard of it', async () => {
    const underWay = createUnderWay();
    const log: string[] = [];
    const heard = async (name: string) => {
      await underWay.run(name, 'turn', never, untilStopped(log, name)).catch(() => undefined);
      await null;
      await null;
      log.push(`${name} heard`);
    };
    const both = [heard('a'), heard('b')];
    await underWay.stopAll();
    expect(log).toEqual(['a ended', 'b ended', 'a heard', 'b heard']);
    await Promise.all(both);
    await underWay.stop('a');
  });
  it('end when their callers go, and when they fail', async () => {
    const underWay = createUnderWay();
    const caller = new AbortController();
    const running = underWay.run('a', 'turn', caller.signal, untilStopped([], 'a'));
    caller.abort();
    await running;
    const failing = underWay.run('a', 'turn', never, async () => {
      throw new Error('no');
    });
    await Promise.all([expect(failing).rejects.toThrow('no'), underWay.stop('a')]);
    expect(underWay.turn('a')).toBeNull();
  });
});
