import { describe, expect, it } from 'vitest';
import { createConnections } from '../../../electron/core/models/connections.ts';

const signal = new AbortController().signal;
const soon = () => new Promise((resolve) => setImmediate(resolve));

describe('connections', () => {
  it('are shared fairly by who wants more than there are', async () => {
    const connections = createConnections(6);
    const held = { a: 0, b: 0, c: 0 };
    const back: { name: keyof typeof held; give: () => void }[] = [];
    const want = (name: keyof typeof held, who: object) =>
      connections.take(who, signal).then((give) => {
        held[name]++;
        back.push({ name, give });
      });
    const [a, b, c] = [{}, {}, {}];
    for (let n = 0; n < 20; n++) void want('a', a);
    await soon();
    expect(held).toEqual({ a: 6, b: 0, c: 0 });
    for (let n = 0; n < 20; n++)
      for (const [name, who] of [
        ['b', b],
        ['c', c],
      ] as const)
        void want(name, who);
    for (let n = 0; n < 4; n++) {
      const one = back.splice(
        back.findIndex(({ name }) => name === 'a'),
        1,
      )[0];
      held.a--;
      one?.give();
      one?.give();
      await soon();
    }
    expect(held).toEqual({ a: 2, b: 2, c: 2 });
  });
  it('are not waited for by who has gone', async () => {
    const connections = createConnections(1);
    const give = await connections.take({}, signal);
    const gone = new AbortController();
    const waiting = connections.take({}, gone.signal);
    const next = connections.take({}, signal);
    gone.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(connections.take({}, gone.signal)).rejects.toThrow('gone');
    give();
    (await next)();
  });
});
