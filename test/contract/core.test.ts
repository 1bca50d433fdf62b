/** The core with the real engine on tiny models: changing models, broken ones, lost states, live figures. */
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Core, createCore } from '../../electron/core/core.ts';
import { spawnEngine } from '../../electron/engine/spawn.ts';
import type { Contract, EngineStatus, Metrics, SamplingOptions } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { dataFolder, talking } from './real-core.ts';
import { tinyModels } from './tiny-models.ts';

const folder = tinyModels();
mkdirSync(join(folder, 'zero'));
writeFileSync(join(folder, 'zero/model.safetensors'), 'no weights');

let core: Core;
let rpc: Client<Contract>;
let parking: string;
let phases: EngineStatus[];
beforeEach(() => {
  parking = mkdtempSync(join(tmpdir(), 'parking-'));
  core = createCore({
    host: 'cli',
    version: '0',
    models: [{ path: folder, embedded: true }],
    data: dataFolder(),
    startEngine: () => spawnEngine({ parkingFolder: parking }),
    loadAtStart: false,
  });
  rpc = core.connect();
  phases = [];
  rpc.on('engine.status', (status) => phases.push(status));
});
afterEach(() => core.close());

const hot: Partial<SamplingOptions> = { temperature: 1.5, topK: 0, maxTokens: 40, seed: 5 };
const begin = () => talking(rpc, hot).begin();
const send = (session: string, text: string) => talking(rpc, hot).send(session, text);
/** One more reply to the last message. */
async function again(session: string, sampling = hot) {
  const { turns } = await rpc.call('sessions.get', { session });
  const asked = turns.findLast(({ role }) => role === 'user');
  return talking(rpc).reply(session, asked?.id ?? '', sampling);
}
/** Tokens of the whole conversation up to the start of the next reply, read in one go. */
async function whole(turns: readonly { role: 'user' | 'assistant'; text: string }[]) {
  const { tokenizer } = await core.ready();
  const messages = turns.map(({ role, text }) => ({ role, content: text }));
  return tokenizer.encode(tokenizer.render(messages, true)).length;
}

describe('a conversation', () => {
  it('counts every token once, and never shows a broken character', async () => {
    await rpc.call('models.load', { id: 'one' });
    const session = await begin();
    let tokens = 0;
    for (const text of ['Hi', '日本語', '🦙🦙', 'x']) {
      const { heard, reply } = await send(session, text);
      tokens += heard.read() + (reply.stats?.generatedTokens ?? 0);
      expect(reply.stats?.stateTokens).toBe(tokens);
      expect(heard.text()).toBe(reply.text);
      for (const item of heard.items) {
        if (item.type !== 'text') continue;
        expect(item.text).not.toContain('\ufffd');
        expect(Buffer.from(item.text, 'utf8').toString('utf8')).toBe(item.text); // no halves of surrogates
      }
    }
  });
  it('goes on from before a reply that a stop string cut, not from its beginning', async () => {
    await rpc.call('models.load', { id: 'one' });
    const session = await begin();
    const { reply } = await send(session, `Hi ${'and so on '.repeat(20)}`);
    const stop = Array.from(reply.text).find((char) => /[!-~]/.test(char)) ?? '';
    expect(stop).not.toBe('');
    const cut = await again(session, { ...hot, stop: [stop] });
    expect(cut.reply.stats?.stopReason).toBe('stop');
    expect(cut.reply.text).not.toContain(stop);
    const { heard, after } = await send(session, 'More');
    expect(heard.read()).toBeLessThan((await whole(after.turns.slice(0, 3))) / 2);
  });
  it('is said to be stopped when it is stopped while it is read, and can be gone on with', async () => {
    await rpc.call('models.load', { id: 'one' });
    const session = await begin();
    const abort = new AbortController();
    const stopped = await rpc.stream(
      'sessions.send',
      { session, text: 'long '.repeat(20_000), sampling: hot },
      ({ type }) => type === 'prefill' && abort.abort(),
      abort.signal,
    );
    expect(stopped.turns.at(-1)).toMatchObject({ text: '', error: null, stats: { stopReason: 'cancelled' } });
    expect((await again(session)).reply.stats?.generatedTokens).toBeGreaterThan(0);
  });
  it('deleted while it writes is stopped, and leaves no state behind', async () => {
    await rpc.call('models.load', { id: 'endless' });
    const session = await begin();
    const deleted: Promise<unknown>[] = [];
    const writing = rpc.stream(
      'sessions.send',
      { session, text: 'Hi', sampling: { ...hot, maxTokens: 10_000_000 } },
      (item) => {
        if (item.type === 'text' && deleted.length === 0)
          deleted.push(rpc.call('sessions.delete', { session }));
      },
    );
    expect((await writing).turns.at(-1)?.stats?.stopReason).toBe('cancelled');
    await Promise.all(deleted);
    const engine = (await core.ready()).rpc;
    await expect.poll(async () => (await engine.call('memory', {})).stateCount, { timeout: 20_000 }).toBe(0);
  });
});

describe('changing the model', () => {
  it('keeps conversations: their text is read again by the new one', async () => {
    const one = await rpc.call('models.load', { id: 'one' });
    const session = await begin();
    const first = await send(session, 'Hi');
    const two = await rpc.call('models.load', { id: 'two' });
    const engine = (await core.ready()).rpc;
    expect(await engine.call('memory', {})).toMatchObject({ weightBytes: two.weightBytes, stateCount: 0 });

    await rpc.call('sessions.change', { session, change: { model: 'two' } });
    const second = await send(session, 'More');
    expect(second.heard.read()).toBe(await whole(second.after.turns.slice(0, 3)));
    expect(second.after.turns[1]?.text).toBe(first.reply.text);
    expect(await rpc.call('models.load', { id: 'one' })).toEqual(one);
    expect((await again(session)).reply.stats?.generatedTokens).toBeGreaterThan(0);
  });
  it('to a broken one says what is wrong, and another can be loaded', async () => {
    await rpc.call('models.load', { id: 'one' });
    await expect(rpc.call('models.load', { id: 'zero' })).rejects.toMatchObject({
      code: expect.stringMatching(/^(model-invalid|file-unreadable)$/),
      hint: expect.stringMatching(/\S/),
    });
    expect(await rpc.call('engine.status', {})).toMatchObject({ phase: 'failed' });
    const session = await begin();
    await expect(send(session, 'Hi')).rejects.toMatchObject({ code: expect.any(String) });
    await rpc.call('models.load', { id: 'two' });
    expect(await rpc.call('engine.status', {})).toMatchObject({ phase: 'ready', model: { id: 'two' } });
    expect((await again(session)).reply.error).toBeNull();
  });
  it('twice at once ends with the later one, alone', async () => {
    await Promise.all(['one', 'two', 'one', 'two'].map((id) => rpc.call('models.load', { id })));
    const { rpc: engine, loaded } = await core.ready();
    expect(loaded.id).toBe('two');
    expect((await engine.call('memory', {})).weightBytes).toBe(loaded.weightBytes);
  });
});

describe('states that are lost', () => {
  it('where they were parked come back from their checkpoints', async () => {
    await rpc.call('models.load', { id: 'one' });
    const session = await begin();
    const { reply } = await send(session, 'Hi');
    await expect.poll(async () => (await rpc.call('storage.get', {})).checkpointCount).toBe(2);
    await (await core.ready()).rpc.call('park', {});
    const files = readdirSync(parking, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.safetensors'),
    );
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) writeFileSync(join(parking, file), 'broken');
    const second = await again(session);
    expect(second.heard.read()).toBe(0);
    expect(second.reply.text).toBe(reply.text); // the same seed on the same state
  });
  const park = async () => {
    await rpc.call('models.load', { id: 'one' });
    await send(await begin(), 'Hi');
    // A state that is just being kept is not parked.
    await expect.poll(async () => (await rpc.call('storage.get', {})).checkpointCount).toBe(2);
    await (await core.ready()).rpc.call('park', {});
    expect(readdirSync(parking)).toHaveLength(1);
  };
  it('leave nothing on disk when core has closed', async () => {
    await park();
    await core.close();
    expect(readdirSync(parking)).toEqual([]);
  });
  it('leave nothing on disk when the engine is killed', async () => {
    await park();
    process.kill(core.enginePid ?? 0, 'SIGKILL');
    await expect
      .poll(() => phases.some(({ phase }) => phase === 'restarting') && phases.at(-1)?.phase, {
        timeout: 20_000,
      })
      .toBe('ready');
    expect(readdirSync(parking)).toEqual([]);
  });
});

describe('live figures', () => {
  it('come by themselves, four a second, and tell weights, states and speeds', async () => {
    const { weightBytes, stateBytes } = await rpc.call('models.load', { id: 'one' });
    await send(await begin(), 'Hi');
    const heard: Metrics[] = [];
    await new Promise<void>((resolve) => {
      const stop = rpc.on('metrics', (metrics) => {
        heard.push(metrics);
        if (heard.length < 4) return;
        stop();
        resolve();
      });
    });
    const latest = heard.at(-1);
    expect(latest).toMatchObject({ weightBytes, stateCount: 2 });
    expect(latest?.stateBytes).toBeGreaterThanOrEqual(2 * stateBytes);
    for (const key of [
      'activeBytes',
      'peakBytes',
      'footprintBytes',
      'ttftMs',
      'decodeTokensPerSecond',
    ] as const) {
      expect(latest?.[key]).toBeGreaterThan(0);
    }
    expect((latest?.at ?? 0) - (heard[0]?.at ?? 0)).toBeGreaterThan(500);
    expect(await rpc.call('metrics.latest', {})).toMatchObject({ weightBytes });
  });
  it('start with what the engine is doing', async () => {
    expect(await rpc.call('engine.status', {})).toEqual({ phase: 'idle' });
    await rpc.call('models.load', { id: 'two' });
    expect(phases.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['loading', 'ready']));
    expect(await rpc.call('app.info', {})).toMatchObject({
      host: 'cli',
      device: { backend: expect.any(String) },
    });
  });
});
