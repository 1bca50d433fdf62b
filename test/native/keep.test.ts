/** States kept in the background: named by content, whole or not there, whatever happens to the process. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, expect, it } from 'vitest';
import type { Model, State } from '../../native-mlx/addon.ts';
import { addon, engineForTests, failure, generate, reading, request, someIds } from './addon.ts';
import { takeApart } from './files.ts';
import { golden } from './golden.ts';

const root = mkdtempSync(join(tmpdir(), 'llamba-keep-'));
afterAll(() => rmSync(root, { recursive: true }));
const engine = engineForTests();
const path = golden('llamba/q4g64-untied').model;
const loaded = engine.load(path).done;
let folder: string;
let model: Model;

beforeEach(async () => {
  folder = mkdtempSync(join(root, 'states-'));
  model = await loaded;
});

const fed = async (ids: readonly number[]): Promise<State> => {
  const state = await model.createState();
  await state.feed(ids).done;
  return state;
};

it('keeps a state under the name of its content, and once only', async () => {
  const state = await fed(someIds(40, 512));
  const kept = await state.keep(folder, 'a note: ä 🦙');
  const file = join(folder, kept.file);
  expect(kept).toEqual({
    file: `${takeApart(file).metadata.checksum}.safetensors`,
    tokens: 40,
    bytes: statSync(file).size,
  });
  const { ino } = statSync(file);
  expect(await (await state.fork()).keep(folder, 'a note: ä 🦙')).toEqual(kept);
  expect(statSync(file).ino).toBe(ino);
  expect((await state.keep(folder, '')).file).not.toBe(kept.file);
  expect(readdirSync(folder)).toHaveLength(2);

  const back = await model.loadState(file);
  expect(back.note).toBe('a note: ä 🦙');
  expect(await reading(back.state, model)).toEqual(await reading(state, model));
});

it('keeps the state of the moment it was asked at, whatever follows', async () => {
  const state = await fed(someIds(40, 512));
  const [then, wanted] = [await state.fork(), await reading(state, model)];
  const keeping = state.keep(folder, '');
  const going = generate(state, request([7], { maxTokens: 50 }));
  const freeing = going.then(() => state.free());
  const { file, tokens } = await keeping;
  expect(tokens).toBe(40);
  expect(await reading((await model.loadState(join(folder, file))).state, model)).toEqual(wanted);
  await freeing;
  expect((await going).tokens).toEqual((await generate(then, request([7], { maxTokens: 50 }))).tokens);
});

it('goes on while its engine is closed', async () => {
  const closing = addon.createEngine({ device: 'cpu' });
  const state = await (await closing.load(path).done).createState();
  await state.feed([1, 2, 3]).done;
  const keeping = state.keep(folder, '');
  await state.info(); // begun
  const [kept] = await Promise.all([keeping, closing.close()]);
  expect((await (await model.loadState(join(folder, kept.file))).state.info()).tokens).toBe(3);
});

it('refuses what it cannot do, and goes on', async () => {
  const state = await fed([1, 2, 3]);
  expect((await failure(() => state.keep(join(folder, 'absent'), ''))).code).toBe('file-unreadable');
  const plain = state as unknown as { keep(...given: unknown[]): Promise<unknown> };
  for (const given of [[], [folder], [7, ''], [folder, 7], [folder, null]]) {
    expect((await failure(() => plain.keep(...given))).code).toBe('bad-request');
  }
  expect(readdirSync(folder)).toEqual([]);
  await state.keep(folder, '');
  await state.free();
  expect((await failure(() => state.keep(folder, ''))).code).toBe('state-not-found');
});

it('brings a file to its final name by nothing but a rename', { timeout: 60_000 }, async () => {
  const seen = new Set<string>();
  const watching = watch(folder, (_, name) => seen.add(name ?? ''));
  const { file } = await (await fed([5])).keep(folder, '');
  await expect.poll(() => [...seen]).toContain(file);
  watching.close();
  const [temporary] = [...seen].filter((name) => name !== file);
  expect(temporary).toMatch(new RegExp(`^${file}\\.tmp-\\d+-\\d+$`));
});

it('a process killed at any moment leaves whole files and temporary ones', { timeout: 120_000 }, async () => {
  const child = fileURLToPath(new URL('./children/keeps.ts', import.meta.url));
  let answered = 0;
  for (let kill = 0; kill < 20; ++kill) {
    const running = spawn(process.execPath, [child, path, folder]);
    let output = '';
    running.stdout.on('data', (text: Buffer) => {
      output += text;
      // Some way into the keep that comes next: a thousandth of a second at most.
      if (output.length > 40 * kill) setTimeout(() => running.kill('SIGKILL'), kill / 20);
    });
    await new Promise((resolve) => running.on('close', resolve));
    const names = output.split('\n').slice(0, -1);
    answered += names.length;
    const files = readdirSync(folder);
    for (const name of names) expect(files).toContain(name);
    for (const name of files) expect(name).toMatch(/^[0-9a-f]{16}\.safetensors(\.tmp-\d+-\d+)?$/);
    for (const name of files.filter((each) => each.endsWith('.safetensors'))) {
      const { state } = await model.loadState(join(folder, name));
      await state.free();
    }
  }
  expect(answered).toBeGreaterThanOrEqual(20);
});

it('a kept file cut at any byte, or with any bit flipped, is refused', { timeout: 120_000 }, async () => {
  const { file } = await (await fed(someIds(40, 512))).keep(folder, 'note');
  const good = readFileSync(join(folder, file));
  const bad = join(folder, 'bad');
  const header = 8 + Number(good.readBigUInt64LE(0));
  const padding = 8 + good.toString('latin1', 8, header).trimEnd().length;
  const codes = new Set<string>();
  const refused = async (bytes: Buffer) => {
    writeFileSync(bad, bytes);
    codes.add((await failure(() => model.loadState(bad))).code);
  };
  const places = Array.from({ length: good.length }, (_, at) => at);
  const some = places.filter((at) => at < header || at % 211 === 0 || at === good.length - 1);
  for (const at of some) await refused(good.subarray(0, at));
  expect([...codes]).toEqual(['state-corrupt']);
  for (const at of some.filter((place) => place < padding || place >= header)) {
    const flipped = Buffer.from(good);
    flipped[at] = (flipped[at] as number) ^ (1 << ((at * 7) % 8));
    await refused(flipped);
  }
  for (const code of codes) expect(code).toMatch(/^state-(corrupt|version|mismatch)$/);
});
