import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import type { Contract } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { greedy, listener, realCore, talking } from './real-core.ts';

let core: Core;
let rpc: Client<Contract>;
beforeAll(async () => {
  core = realCore();
  rpc = core.connect();
  await core.ready();
});
afterAll(() => core.close());

const send = (session: string, text: string, sampling = greedy) => talking(rpc).send(session, text, sampling);

describe('sessions', () => {
  it('streams a reply whose pieces are its text', async () => {
    const { id } = await rpc.call('sessions.create', { system: null });
    const { heard, after, reply } = await send(id, 'What is the sea?');
    expect(after.turns.map(({ role }) => role)).toEqual(['user', 'assistant']);
    expect(reply?.text.length).toBeGreaterThan(0);
    expect(heard.text()).toBe(reply?.text);
    expect(reply?.stats).toMatchObject({ generatedTokens: 12, stopReason: 'length' });
    expect(after.writing).toBe(false);
  });

  it('reads only what is new, and in total exactly the whole conversation', async () => {
    const { id } = await rpc.call('sessions.create', { system: 'Answer in one word.' });
    const first = await send(id, 'Name a colour.');
    const second = await send(id, 'And another? 日本語 🦙');
    const { tokenizer } = await core.ready();
    const messages = [
      { role: 'system', content: 'Answer in one word.' },
      ...second.after.turns.slice(0, 3).map(({ role, text }) => ({ role, content: text })),
    ] as Parameters<typeof tokenizer.render>[0];
    const whole = tokenizer.encode(tokenizer.render(messages, true)).length;
    const generated = first.reply?.stats?.generatedTokens ?? 0;
    expect(first.heard.read() + generated + second.heard.read()).toBe(whole);
    expect(second.reply?.stats?.stateTokens).toBe(whole + (second.reply?.stats?.generatedTokens ?? 0));
    expect(second.heard.read()).toBeLessThan(whole / 2 + 20);
  });

  it('goes on exactly as a conversation that was read in one go', async () => {
    const { id } = await rpc.call('sessions.create', { system: null });
    await send(id, 'Tell me about rain.');
    const { after, reply } = await send(id, 'Where does it go?');
    // The same turns, read by a fresh state.
    const ready = await core.ready();
    const messages = after.turns.slice(0, 3).map(({ role, text }) => ({ role, content: text }));
    const ids = ready.tokenizer.encode(ready.tokenizer.render(messages, true));
    const { state } = await ready.rpc.call('state.create', { model: ready.model });
    await ready.rpc.stream('feed', { state, ids }, () => undefined);
    const { generateText } = await import('../../electron/core/generate-text.ts');
    const again = await generateText(ready, {
      state,
      ids: [],
      sampling: { ...ready.defaults.sampling, ...greedy },
      signal: new AbortController().signal,
      onText: () => undefined,
    });
    expect(again.text).toBe(reply?.text);
  });

  it('writes another reply without reading anything again', async () => {
    const { id } = await rpc.call('sessions.create', { system: null });
    const { after: before, reply } = await send(id, 'Say something about trees.');
    const again = await talking(rpc).reply(id, before.turns[0]?.id ?? '');
    expect(again.heard.items.some(({ type }) => type === 'prefill')).toBe(false);
    expect(again.after.turns).toHaveLength(2);
    expect(again.reply.text).toBe(reply.text); // greedy: the same state says the same
    expect(again.reply.siblings).toEqual([reply.id, again.reply.id]);
    expect(again.reply.stats?.promptTokens).toBe(0);
  });

  it('keeps what was written when it is stopped, and goes on from there', async () => {
    const { id } = await rpc.call('sessions.create', { system: null });
    const abort = new AbortController();
    const heard = listener();
    const stopped = await rpc.stream(
      'sessions.send',
      { session: id, text: 'Write a long story.', sampling: { ...greedy, maxTokens: 400 } },
      (item) => {
        heard.on(item);
        if (item.type === 'text' && item.tokens >= 3) abort.abort();
      },
      abort.signal,
    );
    const turn = stopped.turns.at(-1);
    expect(turn?.stats?.stopReason).toBe('cancelled');
    expect(turn?.text).toBe(heard.text());
    expect(turn?.text.length).toBeGreaterThan(0);
    const next = await send(id, 'Go on.');
    expect(next.reply?.stats?.generatedTokens).toBeGreaterThan(0);
  });

  it('stops before a stop string', async () => {
    const { id } = await rpc.call('sessions.create', { system: null });
    const { reply } = await send(id, 'Count from one to ten.', { ...greedy, maxTokens: 30 });
    const word = reply?.text.trim().split(/\s+/)[2] ?? '';
    expect(word).not.toBe('');
    const { id: other } = await rpc.call('sessions.create', { system: null });
    const cut = await send(other, 'Count from one to ten.', { ...greedy, maxTokens: 30, stop: [word] });
    expect(cut.reply?.stats?.stopReason).toBe('stop');
    expect(cut.reply?.text).toBe(reply?.text.slice(0, reply.text.indexOf(word)));
  });

  it('writes one reply at a time in a conversation, and several conversations at once', async () => {
    const [a, b] = await Promise.all([1, 2].map(() => rpc.call('sessions.create', { system: null })));
    const first = send(a?.id ?? '', 'Describe a cat.');
    await expect(send(a?.id ?? '', 'And a dog.')).rejects.toMatchObject({ code: 'busy' });
    const [one, two] = await Promise.all([first, send(b?.id ?? '', 'Describe a cat.')]);
    expect(two.reply?.text).toBe(one.reply?.text); // a batch row equals its single run
  });

  it('frees its states when it is deleted', async () => {
    const states = async () => (await (await core.ready()).rpc.call('memory', {})).stateCount;
    const { id } = await rpc.call('sessions.create', { system: null });
    await rpc.call('sessions.change', { session: id, change: { title: 'Mine' } }); // no state for a title
    await send(id, 'Hello.');
    const before = await states();
    await rpc.call('sessions.delete', { session: id });
    expect(await states()).toBe(before - 2);
    await expect(rpc.call('sessions.get', { session: id })).rejects.toMatchObject({
      code: 'session-not-found',
    });
  });

  it('goes on after its states were parked to disk', async () => {
    const { id } = await rpc.call('sessions.create', { system: null });
    const { after: before, reply } = await send(id, 'Name three fruits.');
    const engine = (await core.ready()).rpc;
    await rpc.stream('sessions.export', { session: id, format: 'json' }, () => undefined); // waits for what is being kept
    expect((await engine.call('park', {})).parked).toBeGreaterThan(0);
    const again = await talking(rpc).reply(id, before.turns[0]?.id ?? '');
    expect(again.reply.text).toBe(reply.text);
    expect(again.heard.read()).toBe(0);
  });
});
