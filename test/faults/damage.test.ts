/** Files damaged by hand: reported, set aside under a dated name, never silently replaced by nothing. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import type { Contract, Session } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { listener } from '../contract/real-core.ts';
import { tinyModels } from '../contract/tiny-models.ts';
import { seeded } from '../user/seeded.ts';
import { coreAt, endless, greedy } from './core.ts';

const models = tinyModels();
const sampling = { ...greedy, maxTokens: 12 };
const original = mkdtempSync(join(tmpdir(), 'llamba-whole-'));
let kept: Session;
let data: string;
let core: Core;

async function start(folder: string): Promise<Client<Contract>> {
  core = coreAt(folder, models);
  await core.load(endless);
  return core.connect();
}

beforeAll(async () => {
  const rpc = await start(original);
  const { id: session } = await rpc.call('sessions.create', { system: null });
  for (const text of ['Hi '.repeat(300), 'And?', 'More.']) {
    kept = await rpc.stream('sessions.send', { session, text, sampling }, () => undefined);
  }
  // Kept in the background: every turn has its file.
  const whole = async () => (await rpc.call('storage.get', {})).checkpointCount === kept.turns.length;
  await vi.waitUntil(whole, { timeout: 20_000, interval: 50 });
  await core.close();
});
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'llamba-damaged-'));
  cpSync(original, data, { recursive: true });
});
afterEach(() => core.close());

/** Changes a byte for certain. */
function flip(path: string, at: number) {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
}

const database = () => join(data, 'llamba.db');
const pageBytes = 4096;

describe('a damaged database', () => {
  const someByte = (seed: number) => seeded(seed).between(0, 15); // of the header's first words
  const somePage = (seed: number) => pageBytes * seeded(seed).between(1, 12);
  const cases: [string, () => void][] = [
    ...[1, 2, 3].map((seed): [string, () => void] => [
      `a flipped byte ${someByte(seed)} of its header`,
      () => flip(database(), someByte(seed)),
    ]),
    ...[1, 2, 3, 4].map((seed): [string, () => void] => [
      `a flipped byte at ${somePage(seed)}, where a page begins`,
      () => flip(database(), somePage(seed)),
    ]),
    ['its second half gone', () => truncateSync(database(), readFileSync(database()).length / 2)],
    ['a page torn', () => truncateSync(database(), 3 * pageBytes + 100)],
    ['no content', () => truncateSync(database(), 0)],
    ['another content', () => writeFileSync(database(), 'these are not the sessions'.repeat(500))],
  ];
  for (const [name, damage] of cases) {
    it(`with ${name} is set aside as it is, and told`, async () => {
      damage();
      const damaged = readFileSync(database());
      const rpc = await start(data);
      await rpc.call('sessions.list', {});
      const storage = await rpc.call('storage.get', {});
      expect(storage.phase).toBe('ready');
      expect(storage.damaged).toHaveLength(1);
      const [{ path = '', error } = {}] = storage.damaged;
      expect(error).toMatchObject({ code: 'storage-damaged', hint: expect.stringMatching(/\S/) });
      expect(dirname(path)).toBe(data);
      expect(basename(path)).toMatch(/^llamba-damaged-\d{4}-\d\d-\d\d.*\.db$/);
      expect(readFileSync(path).equals(damaged)).toBe(true);

      // A new one works, and the old one stays at the next start.
      const { id: session } = await rpc.call('sessions.create', { system: null });
      const { turns } = await rpc.stream('sessions.send', { session, text: 'Hi', sampling }, () => undefined);
      expect(turns).toHaveLength(2);
      await core.close();
      await (await start(data)).call('sessions.get', { session });
      expect(existsSync(path)).toBe(true);
    });
  }
});

describe('a damaged checkpoint', () => {
  const states = () => join(data, 'states');
  const files = () => readdirSync(states()).map((name) => join(states(), name));

  /** One more reply to the last message, greedy: the same words as before, whatever became of the state. */
  async function replyAgain(rpc: Client<Contract>) {
    const heard = listener();
    const params = { session: kept.id, turn: kept.turns.at(-2)?.id ?? '', sampling };
    const { turns } = await rpc.stream('turns.reply', params, heard.on);
    return { read: heard.read(), text: turns.at(-1)?.text };
  }
  const text = () => kept.turns.at(-1)?.text;

  it('undamaged, is not read again', async () => {
    expect(await replyAgain(await start(data))).toEqual({ read: 0, text: text() });
  });

  const cases: [string, (path: string, seed: number) => void][] = [
    [
      'with a flipped byte',
      (path, seed) => flip(path, seeded(seed).between(0, readFileSync(path).length - 1)),
    ],
    ['cut short', (path, seed) => truncateSync(path, seeded(seed).between(0, readFileSync(path).length - 1))],
  ];
  for (const [name, damage] of cases) {
    it.each([1, 2, 3])(`${name} is set aside and told, and the reply is the same (seed %i)`, async (seed) => {
      for (const path of files()) damage(path, seed);
      const rpc = await start(data);
      expect(await replyAgain(rpc)).toMatchObject({ read: expect.any(Number), text: text() });
      const { damaged } = await rpc.call('storage.get', {});
      expect(damaged.length).toBeGreaterThan(0);
      for (const { path, error } of damaged) {
        expect(error.code).toMatch(/^(state-corrupt|file-unreadable|file-invalid|state-mismatch)$/);
        expect(dirname(path)).toBe(states());
        expect(basename(path)).toMatch(/^[\da-f]+-damaged-\d{4}-\d\d-\d\d.*\.safetensors$/);
        expect(existsSync(path)).toBe(true);
      }
    });
  }

  it('that is gone is read again, and nothing is said to be damaged', async () => {
    for (const path of files()) rmSync(path);
    const rpc = await start(data);
    const { read, text: again } = await replyAgain(rpc);
    expect(read).toBeGreaterThan(0);
    expect(again).toBe(text());
    expect((await rpc.call('storage.get', {})).damaged).toEqual([]);
  });
});
