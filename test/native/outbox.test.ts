import { expect, it } from 'vitest';
import { addon, engineForTests, generate, generateAlone, request, someIds } from './addon.ts';
import { golden, idsOf } from './golden.ts';

const engine = engineForTests();
const fixture = golden('llamba/fp32-untied');
const loaded = engine.load(fixture.model).done;
const prompt = idsOf(fixture, 'short.input_ids') as number[];

/** Keeps this thread from doing anything else. */
function busy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

it('lets the event loop turn while the engine writes', async () => {
  const state = await (await loaded).createState();
  let turns = 0;
  let writing = true;
  const turn = () => {
    ++turns;
    if (writing) setImmediate(turn);
  };
  setImmediate(turn);
  const { tokens } = await generate(state, request(prompt, { maxTokens: 1000 }));
  writing = false;
  expect(tokens).toHaveLength(1000);
  expect(turns).toBeGreaterThan(20);
  await state.free();
});

it('hands a busy listener its tokens in batches: none lost, all in order', async () => {
  const model = await loaded;
  const asked = request(prompt, { maxTokens: 300 });
  const alone = await generateAlone(model, asked);
  const state = await model.createState();
  const batches: Int32Array[] = [];
  await state.generate(asked, (ids) => {
    batches.push(ids);
    busy(5);
  }).done;
  expect(batches.flatMap((ids) => [...ids])).toEqual(alone);
  expect(batches.length).toBeLessThan(300);
  expect(batches.every((ids) => ids instanceof Int32Array && ids.length > 0)).toBe(true);
  await state.free();
});

it('tells a busy listener the latest progress only, in order', async () => {
  const state = await (await loaded).createState();
  const seen: number[] = [];
  const ids = someIds(20_000, 256);
  await state.feed(ids, {
    chunk: 16,
    onProgress: (done, total) => {
      expect(total).toBe(20_000);
      seen.push(done);
      busy(2);
    },
  }).done;
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen.length).toBeLessThan(20_000 / 16);
  expect(seen.at(-1)).toBe(20_000);
  await state.free();
});

it('closes an engine whose listener is busy, at once and without a deadlock', async () => {
  const other = addon.createEngine({ device: 'cpu' });
  const state = await (await other.load(fixture.model).done).createState();
  let closed: Promise<void> | undefined;
  const job = state.generate(request(prompt, { maxTokens: 1_000_000 }), () => {
    busy(20);
    closed ??= other.close();
  });
  await expect(
    job.done.then(
      (r) => r.reason,
      (e) => e.code,
    ),
  ).resolves.toMatch(/^(cancelled|engine-gone)$/);
  await closed;
});

it('takes a vocabulary’s pieces and a book’s ids without stopping the thread for long', async () => {
  const pieces = Array.from({ length: 128_256 }, (_, i) =>
    String.fromCharCode(i & 255, (i >> 8) & 255, 0xe4),
  );
  const begin = performance.now();
  const job = engine.load(fixture.model, { pieces });
  const took = performance.now() - begin;
  const model = await job.done;
  const state = await model.createState();
  const ids = someIds(100_000, 256);
  const beginFeed = performance.now();
  const feed = state.feed(ids);
  const tookFeed = performance.now() - beginFeed;
  feed.cancel();
  await feed.done.catch(() => {});
  await model.unload();
  // About 20 and 5 ms on an idle machine; what this must catch is work that grows faster than the input.
  expect(took).toBeLessThan(1000);
  expect(tookFeed).toBeLessThan(1000);
});
