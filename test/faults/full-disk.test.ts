/** A disk without a byte left: what writes waits and says so, and the app starts. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import type { Contract, Storage } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { listener } from '../contract/real-core.ts';
import { tinyModels } from '../contract/tiny-models.ts';
import { coreAt, endless, greedy } from './core.ts';
import { noSmallDisk, type SmallDisk, smallDisk } from './small-disk.ts';

const models = tinyModels();
const patient = { timeout: 20_000, interval: 50 };

let disk: SmallDisk;
let data: string;
let core: Core | null;
beforeEach(() => {
  disk = smallDisk(8 * 2 ** 20);
  data = join(disk.path, 'data');
  mkdirSync(data);
  core = null;
});
afterEach(async () => {
  disk.makeRoom();
  await core?.close();
  disk.unmount();
});

async function start(): Promise<Client<Contract>> {
  core = coreAt(data, models);
  await core.load(endless);
  return core.connect();
}
const phase = async (rpc: Client<Contract>) => (await rpc.call('storage.get', {})).phase;
const begin = async (rpc: Client<Contract>, ephemeral = false) =>
  (await rpc.call('sessions.create', { system: null, ephemeral })).id;

describe.skipIf(noSmallDisk)(`a full disk${noSmallDisk ? ` (not here: ${noSmallDisk})` : ''}`, () => {
  it('makes a reply wait, and go on by itself as if nothing had been', async () => {
    const rpc = await start();
    const heard = listener();
    const abort = new AbortController();
    const session = await begin(rpc);
    const has = (type: string) => heard.items.some((item) => item.type === type);
    const replying = rpc.stream(
      'sessions.send',
      { session, text: 'Hi', sampling: { ...greedy, maxTokens: 1_000_000 } },
      heard.on,
      abort.signal,
    );
    await vi.waitUntil(() => has('text'), patient);
    disk.fill();
    await vi.waitUntil(() => has('paused'), patient);
    expect(heard.items.find(({ type }) => type === 'paused')).toMatchObject({
      error: { code: 'disk-full', hint: expect.stringMatching(/\S/) },
    });
    const paused = heard.text();
    await new Promise((resolve) => setTimeout(resolve, 2500)); // it tries again each second
    expect(heard.text()).toBe(paused);
    expect(has('resumed')).toBe(false);

    disk.makeRoom();
    await vi.waitUntil(() => has('resumed') && heard.text().length > paused.length + 200, patient);
    abort.abort();
    const reply = (await replying).turns.at(-1);
    expect(reply).toMatchObject({ text: heard.text(), status: 'cut', error: null });

    // The same, without a disk in the way.
    const maxTokens = reply?.stats?.generatedTokens ?? 0;
    const params = { session: await begin(rpc, true), text: 'Hi', sampling: { ...greedy, maxTokens } };
    const undisturbed = await rpc.stream('sessions.send', params, () => undefined);
    expect(reply?.text).toBe(undisturbed.turns.at(-1)?.text);

    await core?.close();
    const kept = await (await start()).call('sessions.get', { session });
    expect(kept.turns.at(-1)?.text).toBe(reply?.text);
  });

  it('refuses a new message with a reason, and takes it when there is room', async () => {
    const rpc = await start();
    const session = await begin(rpc);
    const params = { session, text: 'word '.repeat(20_000), sampling: { ...greedy, maxTokens: 4 } };
    const send = () => rpc.stream('sessions.send', params, () => undefined);
    disk.fill();
    await expect(send()).rejects.toMatchObject({ code: 'disk-full', hint: expect.stringMatching(/\S/) });
    disk.makeRoom();
    expect((await send()).turns).toHaveLength(2);
  });

  it('does not keep the app from starting, with everything there', async () => {
    const before = await start();
    const session = await begin(before);
    const params = { session, text: 'Hi', sampling: { ...greedy, maxTokens: 8 } };
    const { turns } = await before.stream('sessions.send', params, () => undefined);
    await core?.close();
    disk.fill();

    const rpc = await start();
    await vi.waitUntil(async () => ['ready', 'full'].includes(await phase(rpc)), patient);
    disk.makeRoom();
    await vi.waitUntil(async () => (await phase(rpc)) === 'ready', patient);
    const after = await rpc.call('sessions.get', { session });
    expect(after.turns.map(({ text }) => text)).toEqual(turns.map(({ text }) => text));
    expect((await rpc.stream('sessions.send', params, () => undefined)).turns).toHaveLength(4);
  });

  it('does not keep the app from its first start: it is told, and begins when there is room', async () => {
    disk.fill();
    const rpc = await start();
    const told: Storage[] = [];
    rpc.on('storage', (storage) => told.push(storage));
    await vi.waitUntil(async () => (await phase(rpc)) === 'full', patient);
    expect(await rpc.call('storage.get', {})).toMatchObject({ error: { code: 'disk-full' }, freeBytes: 0 });
    await expect(begin(rpc)).rejects.toMatchObject({ code: 'disk-full' });
    // What is kept nowhere needs no room.
    const params = { session: await begin(rpc, true), text: 'Hi', sampling: { ...greedy, maxTokens: 4 } };
    expect((await rpc.stream('sessions.send', params, () => undefined)).turns).toHaveLength(2);

    disk.makeRoom();
    await vi.waitUntil(() => told.some((storage) => storage.phase === 'ready'), patient);
    expect(await begin(rpc)).toMatch(/\S/);
  });
});

it('a folder that cannot be written is told, and the app starts', async () => {
  data = join(mkdtempSync(join(tmpdir(), 'llamba-no-folder-')), 'file/data');
  mkdirSync(join(data, '../..'), { recursive: true });
  writeFileSync(join(data, '..'), 'a file where a folder should be');
  const rpc = await start();
  await vi.waitUntil(async () => (await phase(rpc)) === 'failed', patient);
  expect((await rpc.call('storage.get', {})).error).toMatchObject({
    code: 'file-unreadable',
    hint: expect.stringMatching(/\S/),
  });
});
