/** The engine process's handles with real states: parked, used while they move, freed while they are used. */
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHandles, type Handles } from '../../electron/engine/handles.ts';
import { relieve } from '../../electron/engine/pressure.ts';
import { type Engine, loadAddon, type Model } from '../../native-mlx/addon.ts';
import { greedy } from '../native/greedy.ts';

const file = fileURLToPath(
  new URL('../fixtures/llamba/bf16-tied/model/tiny-bf16-tied.safetensors', import.meta.url),
);
let engine: Engine;
let model: Model;
let handles: Handles;
let folder: string;
let of: number;

beforeAll(() => {
  engine = loadAddon().createEngine({ device: 'cpu' });
});
beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'handles-')), 'parked');
  handles = createHandles(folder);
  model = await engine.load(file).done;
  of = handles.addModel(model);
});
afterAll(() => engine.close());

const stateOf = async (ids: number[]) => {
  const state = await handles.addState(of, await model.createState());
  await handles.use(state, (each) => each.feed(ids).done);
  return state;
};
/** What the model expects next: equal for equal states. */
const reading = (state: number) =>
  handles.use(state, async (each) => {
    const fork = await each.fork();
    const { topIds, topLogprobs } = await fork.score([1], { top: 8 }).done;
    await fork.free();
    return [...topIds, ...topLogprobs];
  });
const endless = {
  maxTokens: 1_000_000_000,
  sampling: greedy,
  stopIds: [],
  stopStrings: [],
};
const parkedFiles = () => (existsSync(folder) ? readdirSync(folder) : []);

describe('handles', () => {
  it('give several at once, those that were parked too, and keep them from being freed meanwhile', async () => {
    const ids = await Promise.all([[1], [2, 3], [4, 5, 6]].map(stateOf));
    await handles.parkIdle();
    const tokens = await handles.lookAll(ids, async (all) => {
      await handles.removeState(ids[1] as number);
      return Promise.all(all.map(async (state) => (await state.info()).tokens));
    });
    expect(tokens).toEqual([1, 2, 3]);
    expect(handles.usage().stateCount).toBe(2);
    await expect(handles.lookAll(ids, async () => 0)).rejects.toMatchObject({ code: 'state-not-found' });
  });
  it('park what is idle and bring it back when it is used, the same', async () => {
    const state = await stateOf([3, 1, 4, 1, 5]);
    const before = await reading(state);
    expect(handles.usage().stateBytes).toBeGreaterThan(0);
    expect(await handles.parkIdle()).toBe(1);
    expect(handles.usage()).toMatchObject({ stateBytes: 0, stateCount: 1 });
    expect(parkedFiles()).toHaveLength(1);
    expect(await reading(state)).toEqual(before);
    expect(parkedFiles()).toEqual([]);
  });
  it('give memory back as it gets short', async () => {
    const state = await stateOf([1, 2, 3]);
    const before = await reading(state);
    expect(await relieve('normal', engine, handles)).toBe(0);
    expect(await relieve('warn', engine, handles)).toBe(0);
    expect(handles.usage().stateBytes).toBeGreaterThan(0);
    await expect.poll(() => loadAddon().memory().cacheBytes, { timeout: 20_000 }).toBe(0); // queued
    expect(await relieve('critical', engine, handles)).toBe(1);
    expect(handles.usage().stateBytes).toBe(0);
    expect(await reading(state)).toEqual(before);
  });
  it('serve many users of a parked state, and users that come while it is parked', async () => {
    const state = await stateOf([2, 7, 1, 8]);
    const before = await reading(state);
    await handles.parkIdle();
    expect(await Promise.all([reading(state), reading(state), reading(state)])).toEqual([
      before,
      before,
      before,
    ]);
    const parking = handles.parkIdle();
    expect(await reading(state)).toEqual(before);
    expect(await parking).toBe(1);
  });
  it('never write a private state or a fork of it to a file', async () => {
    const ids = [1, 6, 1, 8];
    const secret = await handles.addState(of, await model.createState(), true);
    await handles.use(secret, (each) => each.feed(ids).done);
    const fork = await handles.fork(secret);
    const open = await handles.fork(await stateOf(ids));
    expect(await handles.parkIdle()).toBe(2); // the open one and what it was forked from
    for (const state of [secret, fork, await handles.fork(fork)]) {
      await expect(handles.write(state, (each) => each.keep(folder, ''))).rejects.toMatchObject({
        code: 'bad-request',
      });
    }
    expect(parkedFiles()).toHaveLength(2);
    expect(await reading(fork)).toEqual(await reading(open));
  });
  it('keep a parked state, and one that is freed meanwhile', async () => {
    const state = await stateOf([3, 1, 4]);
    const before = await reading(state);
    await handles.parkIdle();
    const keep = () => handles.write(state, (each) => each.keep(kept, 'note'));
    const kept = mkdtempSync(join(tmpdir(), 'kept-'));
    const first = await keep();
    const again = keep();
    await handles.removeState(state);
    expect(await again).toEqual(first);
    const loaded = await model.loadState(join(kept, first.file));
    expect(await reading(await handles.addState(of, loaded.state))).toEqual(before);
  });
  it('answer a keep while its state goes on writing', async () => {
    const state = await stateOf([3, 1, 4]);
    const kept = mkdtempSync(join(tmpdir(), 'kept-'));
    const keeping = handles.write(state, (each) => each.keep(kept, ''));
    const stop = new AbortController();
    const writing = handles.use(state, async (each) => {
      const job = each.generate({ ...endless, ids: [1] }, () => undefined);
      stop.signal.addEventListener('abort', () => job.cancel());
      return job.done;
    });
    expect((await keeping).tokens).toBe(3);
    stop.abort();
    expect((await writing).reason).toBe('cancelled');
  });
  it('leave a state in use where it is', async () => {
    const state = await stateOf([1]);
    await handles.use(state, async () => expect(await handles.parkIdle()).toBe(0));
  });
  it('free a state in use after its last user', async () => {
    const state = await stateOf([1, 2]);
    const tokens = await handles.use(state, async (each) => {
      await handles.removeState(state);
      return (await each.info()).tokens;
    });
    expect(tokens).toBe(2);
    await expect(reading(state)).rejects.toMatchObject({ code: 'state-not-found' });
    expect(handles.usage().stateCount).toBe(0);
  });
  it('free a parked state, and one that is being parked, with its file', async () => {
    const [a, b] = [await stateOf([1]), await stateOf([2])];
    await handles.parkIdle();
    await handles.removeState(a);
    expect(parkedFiles()).toHaveLength(1);
    await reading(b);
    const parking = handles.parkIdle();
    await handles.removeState(b);
    await parking;
    expect(parkedFiles()).toEqual([]);
  });
  it('take the states of a model along, parked or not', async () => {
    await stateOf([1]);
    await handles.parkIdle();
    await stateOf([2]);
    await handles.removeModel(of);
    expect(parkedFiles()).toEqual([]);
    expect(handles.usage()).toEqual({ weightBytes: 0, stateBytes: 0, stateCount: 0 });
  });
  it('say that a parked file was broken, and stay usable', async () => {
    const state = await stateOf([1, 2, 3]);
    await handles.parkIdle();
    writeFileSync(join(folder, parkedFiles()[0] ?? ''), 'broken');
    await expect(reading(state)).rejects.toMatchObject({ code: 'state-corrupt' });
    await handles.removeState(state);
    expect(await reading(await stateOf([1]))).toHaveLength(16);
  });
});
