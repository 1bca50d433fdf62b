import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import type { Contract, EngineStatus } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { greedy, listener, realCore } from './real-core.ts';

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

/** A reply that dies: `kill` is called once text has come. */
async function interrupted(session: string, kill: () => void) {
  const heard = listener();
  const failed = rpc.stream(
    'sessions.send',
    { session, text: 'Tell me a long story.', sampling: { ...greedy, maxTokens: 2000 } },
    (item) => {
      const first = heard.text() === '';
      heard.on(item);
      if (item.type === 'text' && first) kill();
    },
  );
  await expect(failed).rejects.toMatchObject({
    code: 'engine-gone',
    hint: expect.stringMatching(/try again/i),
  });
  return heard;
}

describe.each([
  ['kill -9', () => process.kill(core.enginePid ?? 0, 'SIGKILL')],
  [
    'abort() in the addon',
    () =>
      void core.ready().then(({ rpc: engine }) => engine.call('crashForTests', {}).catch(() => undefined)),
  ],
])('after %s', (_name, kill) => {
  it('the engine is started again, the model loaded, the text kept, and a retry works', async () => {
    const { id } = await rpc.call('sessions.create', { system: null });
    const said = await rpc.stream(
      'sessions.send',
      { session: id, text: 'What is rain?', sampling: greedy },
      () => undefined,
    );
    const pid = core.enginePid;
    const heard = await interrupted(id, kill);

    const broken = await rpc.call('sessions.get', { session: id });
    expect(broken.turns).toHaveLength(4);
    expect(broken.turns[1]?.text).toBe(said.turns[1]?.text);
    expect(broken.turns[3]).toMatchObject({ text: heard.text(), error: { code: 'engine-gone' } });

    const after = await rpc.stream('sessions.retry', { session: id, sampling: greedy }, () => undefined);
    expect(after.turns.at(-1)?.text.length).toBeGreaterThan(0);
    expect(after.turns.at(-1)?.error).toBeNull();
    expect(core.enginePid).not.toBe(pid);
    expect(phases.map(({ phase }) => phase)).toEqual(
      expect.arrayContaining(['restarting', 'loading', 'ready']),
    );
    const told = phases.find((status) => status.phase === 'restarting');
    expect(told).toMatchObject({ error: { code: 'engine-gone' } });
  });
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
