/** States of a long conversation: kept, lost, swapped, thinned or shared, they never change what is said. */
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import type { CheckpointRow, Store } from '../../electron/core/sessions/rows.ts';
import { openStore } from '../../electron/core/sessions/store.ts';
import type { Contract, Session } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { seeded, someWords } from '../user/seeded.ts';
import { dataFolder, greedy, realCore, talking } from './real-core.ts';

const exchanges = 20;
const data = dataFolder();
const states = join(data, 'states');
let core: Core;
let rpc: Client<Contract>;
let talk: ReturnType<typeof talking>;
let long: Session;

async function start() {
  core = realCore(data);
  rpc = core.connect();
  talk = talking(rpc);
  await core.ready();
}
/** What the rows say while nobody has them open; the core is started anew after it, with no state in memory. */
async function whileClosed<T>(look: (store: Store) => T): Promise<T> {
  await core.close();
  const store = openStore(join(data, 'llamba.db'));
  const result = look(store);
  store.close();
  await start();
  return result;
}
beforeAll(async () => {
  await start();
  const random = seeded(2);
  const session = await talk.begin({ system: 'Answer in a few words.' });
  // Named, so that no title is thought of beside what is tested.
  await rpc.call('sessions.change', { session, change: { title: 'Long' } });
  for (let i = 0; i < exchanges; i++) {
    long = (await talk.send(session, `${someWords(random, 6)}?`, { ...greedy, maxTokens: 6 })).after;
  }
}, 120_000);
afterAll(() => core.close());

const fingerprint = async () => (await core.ready()).fingerprint;
const users = () => long.turns.filter(({ role }) => role === 'user').map(({ id }) => id);
const kept = async () => (await rpc.call('storage.get', {})).checkpointCount;
const files = () => readdirSync(states).filter((name) => !name.includes('damaged'));
const checkpointOf = (store: Store, model: string, turn: string) =>
  store.checkpoints(long.id, model).find((checkpoint) => checkpoint.turn === turn) as CheckpointRow;

it('a checkpoint stands at every turn, and no file is without one', async () => {
  await expect.poll(kept).toBe(2 * exchanges);
  expect(files()).toHaveLength(2 * exchanges);
  const { turns } = await rpc.call('sessions.get', { session: long.id });
  expect(turns.map(({ resume }) => resume)).toEqual(turns.map(() => ({ tokens: 0, exact: true })));
});

it('a regenerated reply is the one after a full re-read, token for token, at 10 random places', async () => {
  const random = seeded(3);
  const places = new Set<number>();
  while (places.size < 10) places.add(random.between(0, exchanges - 1));
  // From the end on: what one re-read leaves behind helps none that comes after it.
  const order = [...places].sort((a, b) => b - a).map((at) => users()[at] ?? '');
  const replies: [fromState: string, reread: string][] = [];
  for (const turn of order) {
    const { reply, heard } = await talk.reply(long.id, turn);
    expect(heard.read()).toBe(0);
    replies.push([reply.id, '']);
  }
  await whileClosed(() => {
    for (const name of readdirSync(states)) rmSync(join(states, name));
  });
  for (const [i, turn] of order.entries()) {
    const { reply, heard } = await talk.reply(long.id, turn);
    const { stateTokens = 0, generatedTokens = 0 } = reply.stats ?? {};
    expect(heard.read()).toBe(stateTokens - generatedTokens);
    (replies[i] as [string, string])[1] = reply.id;
  }
  const model = await fingerprint();
  const ids = await whileClosed((store) =>
    replies.map((pair) => pair.map((turn) => Array.from(store.point(turn, model)?.ids ?? []))),
  );
  for (const [fromState, reread] of ids) {
    expect(fromState?.length).toBeGreaterThan(0);
    expect(reread).toEqual(fromState);
  }
}, 120_000);

it('after a restart the end of a session is there at once, and tells beforehand what is not', async () => {
  const before = await rpc.call('sessions.get', { session: long.id });
  const read: number[] = [];
  const after = await rpc.stream('sessions.prepare', { session: long.id }, ({ total }) => read.push(total));
  expect(read).toEqual([]);
  const last = before.turns.at(-1);
  expect(last?.resume).toEqual({ tokens: 0, exact: true });
  expect(after.turns.at(-1)?.resume).toEqual({ tokens: 0, exact: true });
  // The re-reads above left states at ten places only.
  const costly = before.turns.findLast(({ role, resume }) => role === 'user' && resume.tokens > 0);
  if (costly) {
    const { heard } = await talk.reply(long.id, costly.id);
    expect(heard.read()).toBe(costly.resume.tokens);
  }
});

it('a file that was put in the place of another is set aside, and the reply is the same', async () => {
  const [first, turn] = [users()[0] ?? '', users()[3] ?? ''];
  const expected = [await talk.reply(long.id, first), await talk.reply(long.id, turn)].at(-1)?.reply.text;
  await expect.poll(async () => (await rpc.call('storage.get', {})).checkpointCount).toBe(files().length);
  const model = await fingerprint();
  const file = await whileClosed((store) => {
    const { file: wrong } = checkpointOf(store, model, first);
    const { file: right } = checkpointOf(store, model, turn);
    copyFileSync(join(states, wrong), join(states, right));
    return right;
  });
  const { reply, heard } = await talk.reply(long.id, turn);
  expect(heard.read()).toBeGreaterThan(0);
  expect(reply.text).toBe(expected);
  const { damaged } = await rpc.call('storage.get', {});
  expect(damaged).toMatchObject([{ error: { code: 'state-corrupt' } }]);
  expect(damaged[0]?.path).toContain(file.replace('.safetensors', ''));
  expect(readdirSync(states).filter((name) => name.includes('damaged'))).toHaveLength(1);
});

it('a fork writes no byte of states, and goes on where the session stood', async () => {
  const turn = users()[5] ?? '';
  const { reply } = await talk.reply(long.id, turn);
  await expect.poll(async () => (await rpc.call('storage.get', {})).checkpointCount).toBe(files().length);
  const before = files();
  const fork = await rpc.call('sessions.fork', { session: long.id, turn: reply.id });
  expect(files()).toEqual(before);
  const { heard, reply: again } = await talk.reply(fork.id, fork.turns.at(-2)?.id ?? '');
  expect(heard.read()).toBe(0);
  expect(again.text).toBe(reply.text);
  await rpc.call('sessions.delete', { session: fork.id });
  expect(before.filter((name) => !files().includes(name))).toEqual([]);
});

it('another system line is read from the beginning, and the former one costs nothing again', async () => {
  const turn = users()[8] ?? '';
  const { reply } = await talk.reply(long.id, turn);
  const change = (system: string) => rpc.call('sessions.change', { session: long.id, change: { system } });
  const other = await change('Answer as a pirate.');
  expect(other.turns.every(({ resume }) => resume.tokens > 0)).toBe(true);
  const back = await change('Answer in a few words.');
  expect(back.turns.at(-1)?.resume.tokens).toBe(0);
  await change('Answer as a pirate.');
  // In a fork, for a turn's state is that of the text it was last read in.
  const fork = await rpc.call('sessions.fork', { session: long.id, turn: reply.id });
  const asked = fork.turns.at(-2)?.id ?? '';
  const pirate = await talk.reply(fork.id, asked);
  const { stateTokens = 0, generatedTokens = 0 } = pirate.reply.stats ?? {};
  expect(pirate.heard.read()).toBe(stateTokens - generatedTokens);
  expect((await talk.reply(fork.id, asked)).heard.read()).toBe(0);
  await change('Answer in a few words.');
  const again = await talk.reply(long.id, turn);
  expect(again.heard.read()).toBe(0);
  expect(again.reply.text).toBe(reply.text);
});

it('thinning to one file, and to none, changes no answer', async () => {
  const turn = users()[12] ?? '';
  const expected = (await talk.reply(long.id, turn)).reply.text;
  const { bytes } = await whileClosed((store) => store.places()[0] as CheckpointRow);
  for (const [budget, count] of [
    [2 * bytes - 1, 1],
    [0, 0],
  ] as const) {
    const storage = await rpc.call('storage.budget', { bytes: budget });
    expect(storage).toMatchObject({ checkpointBudgetBytes: budget, checkpointCount: count });
    await expect.poll(files).toHaveLength(count); // one may be on its way
    await whileClosed(() => undefined); // no state in memory either
    const { reply, heard } = await talk.reply(long.id, turn);
    if (count === 0) expect(heard.read()).toBeGreaterThan(0);
    expect(reply.text).toBe(expected);
    await rpc.stream('sessions.prepare', { session: long.id }, () => undefined);
    await expect.poll(kept).toBe(count);
  }
});
