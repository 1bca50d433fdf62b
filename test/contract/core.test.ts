/** The core with the real engine on tiny models: changing models, broken ones, lost states, live figures. */
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Core, createCore } from '../../electron/core/core.ts';
import { spawnEngine } from '../../electron/engine/spawn.ts';
import type { Contract, EngineStatus, Metrics, SamplingOptions } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { listener } from './real-core.ts';
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
    startEngine: () => spawnEngine({ parkingFolder: parking }),
    loadAtStart: false,
  });
  rpc = core.connect();
  phases = [];
  rpc.on('engine.status', (status) => phases.push(status));
});
afterEach(() => core.close());

const hot: Partial<SamplingOptions> = { temperature: 1.5, topK: 0, maxTokens: 40, seed: 5 };
const begin = async () => (await rpc.call('sessions.create', { system: null })).id;
async function send(session: string, text: string, sampling = hot) {
  const heard = listener();
  const after = await rpc.stream('sessions.send', { session, text, sampling }, heard.on);
  return { heard, turn: after.turns.at(-1), turns: after.turns };
}
async function retry(session: string, sampling = hot) {
  const heard = listener();
  const after = await rpc.stream('sessions.retry', { session, sampling }, heard.on);
  return { heard, turn: after.turns.at(-1) };
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
      const { heard, turn } = await send(session, text);
      tokens += heard.read() + (turn?.stats?.generatedTokens ?? 0);
      expect(turn?.stats?.stateTokens).toBe(tokens);
      expect(heard.text()).toBe(turn?.text);
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
    const { turn } = await send(session, `Hi ${'and so on '.repeat(20)}`);
    const stop = Array.from(turn?.text ?? '').find((char) => /[!-~]/.test(char)) ?? '';
    expect(stop).not.toBe('');
    const cut = await retry(session, { ...hot, stop: [stop] });
    expect(cut.turn?.stats?.stopReason).toBe('stop');
    expect(cut.turn?.text).not.toContain(stop);
    const { heard, turns } = await send(session, 'More');
    expect(heard.read()).toBeLessThan((await whole(turns.slice(0, 3))) / 2);
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
    expect((await retry(session)).turn?.stats?.generatedTokens).toBeGreaterThan(0);
  });
  it('closed while it writes leaves no state behind', async () => {
    await rpc.call('models.load', { id: 'endless' });
    const session = await begin();
    const writing = rpc.stream(
      'sessions.send',
      { session, text: 'Hi', sampling: { ...hot, maxTokens: 10_000_000 } },
      (item) => item.type === 'text' && void rpc.call('sessions.close', { session }).catch(() => undefined),
    );
    expect((await writing).turns.at(-1)?.stats?.stopReason).toBe('cancelled');
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

    const second = await send(session, 'More');
    expect(second.heard.read()).toBe(await whole(second.turns.slice(0, 3)));
    expect(second.turns[1]?.text).toBe(first.turn?.text);
    const again = await rpc.call('models.load', { id: 'one' });
    expect(again).toEqual(one);
    expect((await retry(session)).turn?.stats?.generatedTokens).toBeGreaterThan(0);
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
    expect((await retry(session)).turn?.error).toBeNull();
  });
  it('twice at once ends with the later one, alone', async () => {
    await Promise.all(['one', 'two', 'one', 'two'].map((id) => rpc.call('models.load', { id })));
    const { rpc: engine, loaded } = await core.ready();
    expect(loaded.id).toBe('two');
    expect((await engine.call('memory', {})).weightBytes).toBe(loaded.weightBytes);
  });
});

describe('states that are lost', () => {
  it('on disk are built again from the text', async () => {
    await rpc.call('models.load', { id: 'one' });
    const session = await begin();
    const { turn } = await send(session, 'Hi');
    await (await core.ready()).rpc.call('park', {});
    const files = readdirSync(parking, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.safetensors'),
    );
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) writeFileSync(join(parking, file), 'broken');
    const again = await retry(session);
    expect(again.heard.read()).toBeGreaterThan(0);
    expect(again.turn?.text).toBe(turn?.text); // the same seed on the same state
  });
  it('leave nothing on disk when the engine is killed', async () => {
    await rpc.call('models.load', { id: 'one' });
    await send(await begin(), 'Hi');
    await (await core.ready()).rpc.call('park', {});
    expect(readdirSync(parking)).toHaveLength(1);
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
