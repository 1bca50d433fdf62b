import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import type { Contract, EngineStatus } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { greedy, listener, realCore, talking } from './real-core.ts';

let core: Core;
let rpc: Client<Contract>;
let phases: EngineStatus[];
beforeEach(async () => {
  core = realCore();
  rpc = core.connect();
  phases = [];
  rpc.on('engine.status', (status) => phases.push(status));
  await core.ready();
});
afterEach(() => core.close());

const long = { ...greedy, maxTokens: 60 };

/** Sends; `kill` is called once text has come, and again once there is more, `times` times in all. */
async function interrupted(session: string, text: string, kill: () => void, times: number) {
  const heard = listener();
  let kills = 0;
  const after = rpc.stream('sessions.send', { session, text, sampling: long }, (item) => {
    heard.on(item);
    if (item.type === 'text' && item.tokens > 5 * (kills + 1) && kills < times) {
      kills += 1;
      kill();
    }
  });
  return { heard, after };
}

describe.each([
  ['kill -9', () => process.kill(core.enginePid ?? 0, 'SIGKILL')],
  [
    'abort() in the addon',
    () =>
      void core.ready().then(({ rpc: engine }) => engine.call('crashForTests', {}).catch(() => undefined)),
  ],
])('after %s', (_name, kill) => {
  it('the engine is started again, the model loaded, and the reply goes on to the end that it would have had', async () => {
    const { begin, send } = talking(rpc, long);
    const whole = await begin();
    await send(whole, 'What is rain?');
    const expected = await send(whole, 'Tell me a long story.');

    const broken = await begin();
    await send(broken, 'What is rain?');
    const pid = core.enginePid;
    const { heard, after } = await interrupted(broken, 'Tell me a long story.', kill, 1);
    const reply = (await after).turns.at(-1);
    expect(core.enginePid).not.toBe(pid);
    expect(reply?.text).toBe(expected.reply.text);
    expect(heard.text()).toBe(expected.reply.text);
    expect(reply).toMatchObject({ error: null, stats: { generatedTokens: 60 } });

    expect(phases.map(({ phase }) => phase)).toEqual(
      expect.arrayContaining(['restarting', 'loading', 'ready']),
    );
    const told = phases.find((status) => status.phase === 'restarting');
    expect(told).toMatchObject({ error: { code: 'engine-gone' } });
  });
});

it('a second death in one reply ends it, with its text kept and continued when the user wants', async () => {
  const { begin, goOn } = talking(rpc, long);
  const session = await begin();
  const kill = () => process.kill(core.enginePid ?? 0, 'SIGKILL');
  const { heard, after } = await interrupted(session, 'Tell me a long story.', kill, 2);
  await expect(after).rejects.toMatchObject({
    code: 'engine-gone',
    hint: expect.stringMatching(/try again/i),
  });
  const { turns } = await rpc.call('sessions.get', { session });
  expect(turns).toHaveLength(2);
  expect(turns[1]).toMatchObject({ text: heard.text(), status: 'cut', error: { code: 'engine-gone' } });
  const { reply } = await goOn(session, turns[1]?.id ?? '');
  expect(reply.id).toBe(turns[1]?.id);
  expect(reply.error).toBeNull();
  expect(reply.text.startsWith(heard.text())).toBe(true);
  expect(reply.text.length).toBeGreaterThan(heard.text().length);
});

describe('an engine that keeps dying', () => {
  it('is given up, said so, and starts again when it is asked for', async () => {
    const failed = new Promise<EngineStatus>((resolve) => {
      rpc.on('engine.status', (status) => {
        if (status.phase === 'failed') resolve(status);
        if (status.phase === 'restarting')
          setImmediate(() => core.enginePid && process.kill(core.enginePid, 'SIGKILL'));
      });
    });
    process.kill(core.enginePid ?? 0, 'SIGKILL');
    expect(await failed).toMatchObject({ error: { code: 'engine-gone' } });
    const [model] = await rpc.call('models.list', {});
    const loaded = await rpc.call('models.load', { id: model?.id ?? '' });
    expect(loaded.id).toBe(model?.id);
  });
});
