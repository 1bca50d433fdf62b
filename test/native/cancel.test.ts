import { expect, it } from 'vitest';
import type { Model, State } from '../../native-mlx/addon.ts';
import { distance, engineForTests, failure, generate, reading, request, someIds } from './addon.ts';
import { golden } from './golden.ts';

const engine = engineForTests();
const loaded = engine.load(golden('llamba/q4g64-untied').model).done;

/** That the state is what feeding `ids` gives: the numbers agree to rounding, and so does the count. */
async function expectFed(state: State, model: Model, ids: readonly number[]): Promise<void> {
  const fresh = await model.createState();
  if (ids.length > 0) await fresh.feed(ids).done;
  expect((await state.info()).tokens).toBe(ids.length);
  expect(distance(await reading(state, model), await reading(fresh, model))).toBeLessThan(5e-4);
  await fresh.free();
}

const chunk = 32;
const long = someIds(200_000, 512);

it('ends a long feed within a chunk', async () => {
  const model = await loaded;
  const state = await model.createState();
  await state.feed([7, 8, 9]).done;
  let cancelledAt = 0;
  let toldAt = 0;
  let latest = 0;
  const job = state.feed(long, {
    chunk,
    onProgress: (done) => {
      latest = done;
      if (cancelledAt > 0) return;
      cancelledAt = performance.now();
      toldAt = done;
      job.cancel();
    },
  });
  expect((await failure(() => job.done)).code).toBe('cancelled');
  // Progress told before the cancel arrived may still come in; the whole feed takes thousands of chunks.
  expect(latest - toldAt).toBeLessThan(100 * chunk);
  expect(performance.now() - cancelledAt).toBeLessThan(1000);
  const { tokens } = await state.info();
  await expectFed(state, model, [7, 8, 9, ...long.slice(0, tokens - 3)]);
  await state.free();
});

it('ends a generation while it reads its prompt, and takes back what was read', async () => {
  const model = await loaded;
  const state = await model.createState();
  await state.feed([7, 8, 9]).done;
  const before = await reading(state, model);
  const written: number[] = [];
  const job = state.generate(
    request(long),
    (ids) => written.push(...ids),
    () => job.cancel(),
  );
  expect((await failure(() => job.done)).code).toBe('cancelled');
  expect(written).toEqual([]);
  expect((await state.info()).tokens).toBe(3);
  expect(await reading(state, model)).toEqual(before);
  await state.free();
});

it.each([1, 2, 17])(
  'ends a generation after %i tokens with the state at the last one emitted',
  async (count) => {
    const model = await loaded;
    const prompt = someIds(50, 512, count);
    const state = await model.createState();
    const written: number[] = [];
    const job = state.generate(request(prompt, { maxTokens: 100_000 }), (ids) => {
      written.push(...ids);
      if (written.length >= count) job.cancel();
    });
    const result = await job.done;
    expect(result.reason).toBe('cancelled');
    expect(result.generatedTokens).toBe(written.length);
    expect(written.length).toBeGreaterThanOrEqual(count);
    expect(written.length).toBeLessThan(50_000);
    expect(result.stateTokens).toBe(50 + written.length);
    await expectFed(state, model, [...prompt, ...written]);

    // What comes next is what an uninterrupted generation writes there.
    const rest = await generate(state, request([], { maxTokens: 8 }));
    const whole = await model.createState();
    const all = await generate(whole, request(prompt, { maxTokens: written.length + 8 }));
    expect([...written, ...rest.tokens]).toEqual(all.tokens);
    await Promise.all([state.free(), whole.free()]);
  },
);

it('ends what is queued behind other work before it begins', async () => {
  const model = await loaded;
  const [busy, idle] = [await model.createState(), await model.createState()];
  const first = busy.feed(long, { chunk });
  const second = idle.feed(long, { chunk });
  second.cancel();
  expect((await failure(() => second.done)).code).toBe('cancelled');
  expect((await idle.info()).tokens).toBe(0);
  first.cancel();
  expect((await failure(() => first.done)).code).toBe('cancelled');
  first.cancel();
  await Promise.all([busy.free(), idle.free()]);
});

it('ends a score, which leaves a usable state', async () => {
  const model = await loaded;
  const state = await model.createState();
  const job = state.score(long, { chunk, onProgress: () => job.cancel() });
  expect((await failure(() => job.done)).code).toBe('cancelled');
  const { tokens } = await state.info();
  expect(tokens).toBeLessThan(long.length / 2);
  await expectFed(state, model, long.slice(0, tokens));
  await state.free();
});

it('ends a load', async () => {
  const job = engine.load(golden('llamba/q4g128-untied').model);
  job.cancel();
  // A tiny file may be there before the cancel is.
  const outcome = await job.done.then(
    (model) => model.unload(),
    (error) => error,
  );
  expect(outcome === undefined || outcome.code === 'cancelled').toBe(true);
});
