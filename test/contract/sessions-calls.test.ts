/** Every operation on sessions and turns, by contract: what it does to the tree and to the list, and what pages hear. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import type { Contract, Session, SessionSummary } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { talking } from './real-core.ts';
import { seeded, tinyCore } from './tiny-core.ts';

let core: Core;
let rpc: Client<Contract>;
let talk: ReturnType<typeof talking>;
let changed: SessionSummary[];
let gone: string[];
beforeAll(async () => {
  core = await tinyCore();
  rpc = core.connect();
  talk = talking(rpc, seeded);
  rpc.on('session.changed', (session) => changed.push(session));
  rpc.on('session.gone', ({ session }) => gone.push(session));
});
beforeEach(() => {
  changed = [];
  gone = [];
});
afterAll(() => core.close());

const texts = ({ turns }: Session) => turns.map(({ text }) => text);
const id = ({ turns }: Session, at: number) => turns.at(at)?.id ?? '';
const get = (session: string) => rpc.call('sessions.get', { session });
const listed = async (session: string) =>
  (await rpc.call('sessions.list', {})).sessions.find((one) => one.id === session);
/** Two exchanges. */
async function talked() {
  const session = await talk.begin();
  await talk.send(session, 'First');
  const { after } = await talk.send(session, 'Second');
  return { session, after };
}

describe('the tree', () => {
  it('grows by replies: siblings, each its own branch, shown where it was written last', async () => {
    const { session, after } = await talked();
    const other = await talk.reply(session, id(after, 0), { ...seeded, seed: 8 });
    expect(other.after.turns).toHaveLength(2);
    expect(other.after.turns[1]?.siblings).toEqual([id(after, 1), other.reply.id]);
    expect(other.reply.text).not.toBe(after.turns[1]?.text);
    const back = await rpc.call('turns.select', { session, turn: id(after, 1) });
    expect(texts(back)).toEqual(texts(after));
    expect(back.turns[1]?.siblings).toHaveLength(2);
  });
  it("grows by another message in a message's place", async () => {
    const { session, after } = await talked();
    const edited = await talk.send(session, 'Second, in other words', seeded, id(after, 1));
    expect(texts(edited.after).slice(0, 3)).toEqual([...texts(after).slice(0, 2), 'Second, in other words']);
    expect(edited.after.turns[2]?.siblings).toEqual([id(after, 2), id(edited.after, 2)]);
    const first = await talk.send(session, 'Another beginning', seeded, null);
    expect(first.after.turns).toHaveLength(2);
    expect(first.after.turns[0]?.siblings).toHaveLength(2);
  });
  it("grows by a reply in the user's words, which the next reply goes on from", async () => {
    const { session, after } = await talked();
    const edited = await rpc.call('turns.edit', { session, turn: id(after, 3), text: 'My words' });
    expect(edited.turns[3]).toMatchObject({ text: 'My words', edited: true, status: 'whole', stats: null });
    expect(edited.turns[3]?.siblings).toEqual([id(after, 3), id(edited, 3)]);
    const { heard, after: next } = await talk.send(session, 'Third');
    expect(texts(next).slice(0, 5)).toEqual([...texts(after).slice(0, 3), 'My words', 'Third']);
    const { tokenizer } = await core.ready();
    expect(heard.read()).toBe(
      tokenizer.encode('My words').length +
        tokenizer.encode('<|im_end|>\n<|im_start|>user\nThird<|im_end|>\n<|im_start|>assistant\n').length,
    );
    await expect(rpc.call('turns.edit', { session, turn: id(after, 2), text: 'x' })).rejects.toMatchObject({
      code: 'bad-request',
    });
  });
  it('loses a turn with all below it, and gets it back', async () => {
    const { session, after } = await talked();
    const other = await talk.reply(session, id(after, 2));
    const without = await rpc.call('turns.delete', { session, turn: other.reply.id });
    expect(without.turns.map((turn) => turn.id)).toEqual(after.turns.map((turn) => turn.id));
    expect(without.turns[3]?.siblings).toEqual([id(after, 3)]);
    const shorter = await rpc.call('turns.delete', { session, turn: id(after, 2) });
    expect(texts(shorter)).toEqual(texts(after).slice(0, 2));
    expect(texts(await get(session))).toEqual(texts(shorter));
    const again = await rpc.call('turns.restore', { session, turn: id(after, 2) });
    expect(texts(again)).toEqual(texts(after));
    const empty = await rpc.call('turns.delete', { session, turn: id(after, 0) });
    expect(empty.turns).toEqual([]);
    expect((await talk.send(session, 'Anew')).after.turns).toHaveLength(2);
  });
  it('takes no turn of another session', async () => {
    const [one, two] = [await talked(), await talk.begin()];
    const foreign = { session: two, turn: id(one.after, 0) };
    for (const call of ['turns.select', 'turns.delete', 'turns.restore', 'sessions.fork'] as const) {
      await expect(rpc.call(call, foreign)).rejects.toMatchObject({ code: 'turn-not-found' });
    }
    await expect(talk.reply(two, id(one.after, 0))).rejects.toMatchObject({ code: 'turn-not-found' });
    await expect(talk.send(two, 'Hi', seeded, id(one.after, 1))).rejects.toMatchObject({
      code: 'turn-not-found',
    });
    expect((await get(two)).turns).toEqual([]);
  });
});

describe('continuing', () => {
  it('a reply that ran out of tokens goes on in its place, as if it had never stopped', async () => {
    const long = { ...seeded, temperature: 0, maxTokens: 24 };
    const whole = await talk.send(await talk.begin(), 'Tell me', long);
    const session = await talk.begin();
    const cut = await talk.send(session, 'Tell me', { ...long, maxTokens: 10 });
    expect(cut.reply).toMatchObject({ status: 'cut', stats: { stopReason: 'length' } });
    const { reply, heard } = await talk.goOn(session, cut.reply.id, { ...long, maxTokens: 14 });
    expect(reply.id).toBe(cut.reply.id);
    expect(reply.text).toBe(whole.reply.text);
    expect(cut.reply.text + heard.text()).toBe(whole.reply.text);
    expect(heard.read()).toBe(0);
    expect(reply.stats?.generatedTokens).toBe(whole.reply.stats?.generatedTokens);
  });
  it('one that was gone on from already is continued in a sibling', async () => {
    const session = await talk.begin();
    const { reply } = await talk.send(session, 'Tell me');
    await talk.send(session, 'And then?');
    const longer = await talk.goOn(session, reply.id);
    expect(longer.reply.id).not.toBe(reply.id);
    expect(longer.reply.siblings).toEqual([reply.id, longer.reply.id]);
    expect(longer.reply.text.startsWith(reply.text)).toBe(true);
    expect(longer.heard.read()).toBe(0);
    const back = await rpc.call('turns.select', { session, turn: reply.id });
    expect(texts(back)).toHaveLength(4);
    expect(texts(back)[1]).toBe(reply.text);
  });
  it('a reply that came to its end is not continued', async () => {
    const { session, after } = await talked();
    const edited = await rpc.call('turns.edit', { session, turn: id(after, 3), text: 'The end.' });
    await expect(talk.goOn(session, id(edited, 3))).rejects.toMatchObject({ code: 'bad-request' });
    await expect(talk.goOn(session, id(after, 2))).rejects.toMatchObject({ code: 'bad-request' });
    await expect(talk.reply(session, id(after, 3))).rejects.toMatchObject({ code: 'bad-request' });
  });
  it('token by token gives the whole reply, characters of several tokens too', async () => {
    const long = { ...seeded, temperature: 0, repetitionPenalty: 1.3, maxTokens: 40 };
    const whole = await talk.send(await talk.begin(), 'c', long);
    expect(whole.reply.text).toMatch(/[\u0800-\uffff]/);
    const session = await talk.begin();
    let { reply } = await talk.send(session, 'c', { ...long, maxTokens: 1 });
    while ((reply.stats?.generatedTokens ?? 0) < 40) {
      ({ reply } = await talk.goOn(session, reply.id, { ...long, maxTokens: 1 }));
    }
    expect(reply.text).toBe(whole.reply.text);
    expect(reply.siblings).toHaveLength(1);
  });
});

describe('sessions', () => {
  it('are listed latest first, and pages hear of every change', async () => {
    const a = await talk.begin();
    const b = await talk.begin();
    await talk.send(a, 'Up');
    const { sessions } = await rpc.call('sessions.list', {});
    expect(sessions.findIndex((one) => one.id === a)).toBeLessThan(sessions.findIndex((one) => one.id === b));
    expect(changed.filter((one) => one.id === a).map(({ writing }) => writing)).toEqual([false, true, false]);
    changed = [];
    await rpc.call('sessions.change', {
      session: a,
      change: { title: 'Named', pinned: true, archived: true, system: 'Be brief.', sampling: { topK: 3 } },
    });
    expect(changed).toMatchObject([{ id: a, title: 'Named', pinned: true, archived: true }]);
    expect(await get(a)).toMatchObject({ title: 'Named', system: 'Be brief.', sampling: { topK: 3 } });
    changed = [];
    await rpc.call('sessions.change', { session: a, change: { draft: 'Half a th' } });
    expect((await get(a)).draft).toBe('Half a th');
    expect(changed).toEqual([]);
    await talk.send(a, 'Half a thought');
    expect((await get(a)).draft).toBe('');
  });
  it('have the first words as their title until somebody names them', async () => {
    const session = await talk.begin();
    await talk.send(session, 'What   is\nrain?');
    expect((await listed(session))?.title).toBe('What is rain?');
    await rpc.call('sessions.change', { session, change: { title: 'Water' } });
    await talk.send(session, 'And snow?');
    expect((await listed(session))?.title).toBe('Water');
  });
  it('are deleted and come back; ephemeral ones are gone', async () => {
    const { session, after } = await talked();
    await rpc.call('sessions.delete', { session });
    expect(gone).toEqual([session]);
    expect(await listed(session)).toBeUndefined();
    await expect(get(session)).rejects.toMatchObject({ code: 'session-not-found' });
    expect(texts(await rpc.call('sessions.restore', { session }))).toEqual(texts(after));
    expect(await listed(session)).toBeDefined();
    const fleeting = await talk.begin({ ephemeral: true });
    await talk.send(fleeting, 'Hi');
    expect(await listed(fleeting)).toMatchObject({ ephemeral: true });
    await rpc.call('sessions.delete', { session: fleeting });
    await expect(rpc.call('sessions.restore', { session: fleeting })).rejects.toMatchObject({
      code: 'session-not-found',
    });
  });
  it('are found by their titles and by what was said', async () => {
    const session = await talk.begin();
    await talk.send(session, 'The quetzal sleeps');
    const hits = await rpc.call('sessions.search', { query: 'quetz' });
    expect(hits.map((hit) => hit.session)).toContain(session);
    const said = hits.find(({ turn }) => turn !== null);
    expect(said?.snippet.find(({ match }) => match)?.text).toBe('quetzal');
    await rpc.call('sessions.delete', { session });
    expect(await rpc.call('sessions.search', { query: 'quetz' })).toEqual([]);
  });
  it('move between folders, and out of one that is removed', async () => {
    const session = await talk.begin();
    const { id: folder } = await rpc.call('folders.save', { id: null, name: 'Work' });
    await rpc.call('folders.save', { id: folder, name: 'Home' });
    await rpc.call('sessions.change', { session, change: { folder } });
    expect(await rpc.call('sessions.list', {})).toMatchObject({ folders: [{ id: folder, name: 'Home' }] });
    expect((await listed(session))?.folder).toBe(folder);
    changed = [];
    await rpc.call('folders.remove', { id: folder });
    expect(changed).toMatchObject([{ id: session, folder: null }]);
    expect((await rpc.call('sessions.list', {})).folders).toEqual([]);
  });
  it('leave drafts where no session is', async () => {
    await rpc.call('drafts.save', { text: 'To be' });
    expect((await rpc.call('sessions.list', {})).draft).toBe('To be');
  });
});

describe('copies', () => {
  it('fork a branch up to a turn, and are sessions of their own', async () => {
    const { session, after } = await talked();
    await talk.reply(session, id(after, 0), { ...seeded, seed: 9 });
    const fork = await rpc.call('sessions.fork', { session, turn: id(after, 1) });
    expect(texts(fork)).toEqual(texts(after).slice(0, 2));
    expect(fork.turns.map((turn) => turn.siblings.length)).toEqual([1, 1]);
    expect(fork.turns.map((turn) => turn.id)).not.toEqual(after.turns.slice(0, 2).map((turn) => turn.id));
    const here = await talk.send(fork.id, 'Second');
    expect(here.reply.text).toBe(after.turns[3]?.text);
    expect(here.heard.read()).toBe(after.turns[3]?.stats?.promptTokens);
    await rpc.call('sessions.delete', { session });
    expect((await get(fork.id)).turns).toHaveLength(4);
  });
  it('duplicate the whole tree', async () => {
    const { session, after } = await talked();
    const other = await talk.reply(session, id(after, 0), { ...seeded, seed: 9 });
    const copy = await rpc.call('sessions.duplicate', { session });
    expect(texts(copy)).toEqual(texts(other.after));
    const first = copy.turns[1]?.siblings[0] ?? '';
    expect(texts(await rpc.call('turns.select', { session: copy.id, turn: first }))).toEqual(texts(after));
  });
});
