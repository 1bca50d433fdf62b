/** A session and its model: changed, read again, gone back to; presets and sampling; what several sessions may want. */
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import { openStore } from '../../electron/core/sessions/store.ts';
import type { Contract } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { dataFolder, listener, talking } from './real-core.ts';
import { folder, seeded, tinyCore } from './tiny-core.ts';
import { template } from './tiny-models.ts';

let core: Core;
let rpc: Client<Contract>;
let talk: ReturnType<typeof talking>;
beforeEach(async () => {
  core = await tinyCore();
  rpc = core.connect();
  talk = talking(rpc, seeded);
});
afterEach(() => core.close());

const change = (session: string, model: string | null, client = rpc) =>
  client.call('sessions.change', { session, change: { model } });
const loaded = async () => (await core.ready()).loaded.id;
const kept = async () => (await rpc.call('storage.get', {})).checkpointCount;

describe('a session that changes its model', () => {
  it('is read again with progress; the former model finds its states as they were', async () => {
    const session = await talk.begin();
    await talk.send(session, 'Hi');
    const { after } = await talk.send(session, 'More');
    expect(after.model).toBe('one');
    const asked = after.turns[2]?.id ?? '';
    await expect.poll(kept).toBe(4);

    const before = await change(session, 'two');
    expect(before.turns.every(({ resume }) => !resume.exact && resume.tokens > 0)).toBe(true);
    const read: { done: number; total: number }[] = [];
    const prepared = await rpc.stream('sessions.prepare', { session }, (item) => read.push(item));
    expect(await loaded()).toBe('two');
    expect(read.at(-1)?.done).toBe(read[0]?.total);
    expect(prepared.turns.at(-1)?.resume).toEqual({ tokens: 0, exact: true });
    const other = await talk.send(session, 'With two');
    expect(other.heard.read()).toBeLessThan(read[0]?.total ?? 0);

    await change(session, 'one');
    const { reply, heard } = await talk.reply(session, asked);
    expect(await loaded()).toBe('one');
    expect(heard.read()).toBe(0);
    expect(reply.text).toBe(after.turns[3]?.text);
  });
  it('can be told to stop reading, and begins again later', async () => {
    const session = await talk.begin();
    await talk.send(session, 'long '.repeat(4000));
    await change(session, 'two');
    const stop = new AbortController();
    const stopped = await rpc.stream(
      'sessions.prepare',
      { session },
      ({ done }) => done > 0 && stop.abort(),
      stop.signal,
    );
    expect(stopped.turns.at(-1)?.resume.tokens).toBeGreaterThan(0);
    const ready = await rpc.stream('sessions.prepare', { session }, () => undefined);
    expect(ready.turns.at(-1)?.resume.tokens).toBe(0);
  });
  it('knows what its own model would have to read while another is loaded', async () => {
    const session = await talk.begin();
    const { after } = await talk.send(session, 'Hi');
    await expect.poll(kept).toBe(2);
    await rpc.call('models.load', { id: 'two' });
    const { turns } = await rpc.call('sessions.get', { session });
    expect(turns.map(({ resume }) => resume)).toEqual(after.turns.map(() => ({ tokens: 0, exact: true })));
  });
  it('says so when that model is not there', async () => {
    const session = await talk.begin();
    await change(session, 'gone');
    await expect(talk.send(session, 'Hi')).rejects.toMatchObject({ code: 'model-not-found' });
    const { turns } = await rpc.call('sessions.get', { session });
    expect(turns).toMatchObject([{ text: 'Hi' }, { status: 'cut', error: { code: 'model-not-found' } }]);
    await change(session, null);
    expect((await talk.reply(session, turns[0]?.id ?? '')).reply.error).toBeNull();
  });
});

it('a model is not changed under a reply', async () => {
  const session = await talk.begin();
  await change(session, 'endless');
  const other = await talk.begin();
  await change(other, 'one');
  const stop = new AbortController();
  const heard = listener();
  const refused: Promise<unknown>[] = [];
  const { turns } = await rpc.stream(
    'sessions.send',
    { session, text: 'Hi', sampling: { ...seeded, maxTokens: 1_000_000 } },
    (item) => {
      heard.on(item);
      if (item.type !== 'text' || refused.length > 0) return;
      refused.push(
        expect(rpc.call('models.load', { id: 'one' })).rejects.toMatchObject({ code: 'busy' }),
        expect(talk.send(other, 'Hi')).rejects.toMatchObject({ code: 'busy' }),
        expect(talk.send(session, 'Hi')).rejects.toMatchObject({ code: 'busy' }),
      );
      void Promise.all(refused).finally(() => stop.abort());
    },
    stop.signal,
  );
  await Promise.all(refused);
  expect(turns.at(-1)).toMatchObject({ status: 'cut', error: null, text: heard.text() });
  expect(await loaded()).toBe('endless');
});

it("white space that a template trims at a reply's end is read once, and nothing else again", async () => {
  cpSync(join(folder, 'one'), join(folder, 'trims'), { recursive: true });
  const chat_template = template.replace("m['content']", "m['content'] | trim");
  writeFileSync(join(folder, 'trims/tokenizer_config.json'), JSON.stringify({ chat_template }));
  await rpc.call('models.load', { id: 'trims' });
  const { tokenizer } = await core.ready();
  const between = '<|im_end|>\n<|im_start|>user\nMore<|im_end|>\n<|im_start|>assistant\n';
  const blank = { ...seeded, temperature: 0, repetitionPenalty: 1.3 };
  let trimmed = 0;
  for (let maxTokens = 1; maxTokens <= 40 && trimmed === 0; maxTokens++) {
    const session = await talk.begin();
    const { reply } = await talk.send(session, 'a', { ...blank, maxTokens });
    if (reply.text !== reply.text.trimEnd()) trimmed += 1;
    const { heard } = await talk.send(session, 'More');
    expect(heard.read()).toBe(tokenizer.encode(between).length);
    const { turns } = await rpc.call('turns.select', { session, turn: reply.id });
    expect(turns.map(({ resume }) => resume.tokens)).toEqual([0, 0, 0, 0]);
  }
  expect(trimmed).toBe(1);
});

describe('sampling and system line', () => {
  it("are the model's, overridden by the preset, by the session, by the call", async () => {
    await rpc.call('presets.save', {
      name: 'Terse',
      system: 'Be terse.',
      sampling: { topK: 4, maxTokens: 5 },
    });
    const { id: session } = await rpc.call('sessions.create', { system: null, preset: 'Terse' });
    await rpc.call('sessions.change', { session, change: { sampling: { maxTokens: 3 } } });
    const { reply } = await talk.send(session, 'Hi', {});
    expect(reply.stats?.generatedTokens).toBeLessThanOrEqual(3);
    const { tokenizer } = await core.ready();
    const asked = (system: string) =>
      tokenizer.encode(
        tokenizer.render(
          [
            { role: 'system', content: system },
            { role: 'user', content: 'Hi' },
          ],
          true,
        ),
      ).length;
    expect(reply.stats?.promptTokens).toBe(asked('Be terse.'));
    expect((await talk.send(session, 'More', { maxTokens: 1 })).reply.stats?.generatedTokens).toBe(1);
    await rpc.call('sessions.change', { session, change: { system: 'Be very verbose.' } });
    const { turns } = await rpc.call('sessions.get', { session });
    const again = await talk.reply(session, turns[0]?.id ?? '', {});
    expect(again.reply.stats?.promptTokens).toBe(asked('Be very verbose.'));
    await rpc.call('presets.remove', { name: 'Terse' });
    expect((await rpc.call('sessions.list', {})).presets).toEqual([]);
    expect((await talk.send(session, 'Still here', seeded)).reply.error).toBeNull();
  });
});

describe('the data folder', () => {
  it('belongs to one core at a time; the other has ephemeral sessions, and all when the first one ends', async () => {
    const data = dataFolder();
    const first = await tinyCore(data);
    const second = await tinyCore(data);
    try {
      const [one, two] = [first.connect(), second.connect()];
      const kept = await talking(one, seeded).begin();
      expect(await two.call('storage.get', {})).toMatchObject({
        phase: 'elsewhere',
        error: { code: 'busy' },
      });
      await expect(two.call('sessions.create', { system: null })).rejects.toMatchObject({
        code: 'busy',
        hint: expect.stringMatching(/\S/),
      });
      await expect(two.call('sessions.get', { session: kept })).rejects.toMatchObject({ code: 'busy' });
      const fleeting = await talking(two, seeded).begin({ ephemeral: true });
      expect((await talking(two, seeded).send(fleeting, 'Hi')).reply.error).toBeNull();
      expect((await two.call('sessions.list', {})).sessions.map(({ id }) => id)).toEqual([fleeting]);
      const ready = new Promise<void>((resolve) => {
        two.on('storage', ({ phase }) => phase === 'ready' && resolve());
      });
      await first.close();
      await ready;
      expect((await two.call('sessions.list', {})).sessions.map(({ id }) => id)).toContain(kept);
    } finally {
      await second.close();
    }
  });
  it('forgets for good, files and all, what was deleted an hour ago', async () => {
    const data = dataFolder();
    const first = await tinyCore(data);
    const here = first.connect();
    const [old, fresh] = [await talking(here, seeded).begin(), await talking(here, seeded).begin()];
    for (const session of [old, fresh]) {
      await talking(here, seeded).send(session, session);
      await here.call('sessions.delete', { session });
    }
    await first.close();
    const states = () => readdirSync(join(data, 'states'));
    expect(states()).toHaveLength(4);
    const store = openStore(join(data, 'llamba.db'));
    store.changeSession(old, { deletedAt: Date.now() - 61 * 60_000 });
    store.close();
    const second = await tinyCore(data);
    const there = second.connect();
    await expect(there.call('sessions.restore', { session: old })).rejects.toMatchObject({
      code: 'session-not-found',
    });
    expect(states()).toHaveLength(2);
    expect((await there.call('sessions.restore', { session: fresh })).turns).toMatchObject([
      { text: fresh, resume: { tokens: 0 } },
      { resume: { tokens: 0 } },
    ]);
    await second.close();
  });
  it('is not needed', async () => {
    const alone = await tinyCore(null);
    const here = alone.connect();
    const session = await talking(here, seeded).begin();
    await talking(here, seeded).send(session, 'Hi');
    expect(await here.call('storage.get', {})).toMatchObject({
      phase: 'ready',
      checkpointCount: 0,
      freeBytes: null,
    });
    await alone.close();
  });
  it('has the reply of a core that was closed while it wrote, cut where it was', async () => {
    const data = dataFolder();
    const first = await tinyCore(data);
    const here = first.connect();
    const session = await talking(here).begin();
    await change(session, 'endless', here);
    const heard = listener();
    let closed: Promise<void> | null = null;
    const { turns } = await here.stream(
      'sessions.send',
      { session, text: 'Hi', sampling: { ...seeded, maxTokens: 1_000_000 } },
      (item) => {
        heard.on(item);
        if (item.type === 'text' && item.tokens > 5) closed ??= first.close();
      },
    );
    await closed;
    const second = await tinyCore(data);
    const after = await second.connect().call('sessions.get', { session });
    expect(after.turns.at(-1)).toMatchObject({ status: 'cut', text: heard.text() });
    expect(after.turns).toEqual(turns.map((turn) => ({ ...turn, resume: expect.anything() })));
    await second.close();
  });
});
