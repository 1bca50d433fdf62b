import { expect, it } from 'vitest';
import type { Model, State } from '../../native-mlx/addon.ts';
import { addon, engineForTests, failure, generate, greedy, request } from './addon.ts';
import { golden } from './golden.ts';

const engine = engineForTests();
const fixture = golden('llamba/fp32-untied');
const loaded = engine.load(fixture.model).done;

/** The API as a caller without types sees it. */
// biome-ignore lint/suspicious/noExplicitAny: these tests are about what types would forbid
type Untyped = any;

async function expectUsable(state: State): Promise<void> {
  const fork = await state.fork();
  await fork.feed([1, 2, 3]).done;
  await fork.free();
}

const hostileIds: [string, unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', 5],
  ['a string', '123'],
  ['an object with a length', { length: 3, 0: 1, 1: 2, 2: 3 }],
  ['a proxy of an array', new Proxy([1, 2], {})],
  ['an array of holes of the greatest length', new Array(2 ** 32 - 1)],
  // biome-ignore lint/suspicious/noSparseArray: a hole is the point
  ['a hole', [1, , 2]],
  ['NaN', [Number.NaN]],
  ['Infinity', [Number.POSITIVE_INFINITY]],
  ['a fraction', [1.5]],
  ['a negative id', [-1]],
  ['an id of 2^31', [2 ** 31]],
  ['an id outside the vocabulary', [256]],
  ['a string inside', ['1']],
  ['a symbol inside', [Symbol('s')]],
  ['a bigint inside', [1n]],
  ['an array inside', [[1]]],
  ['an object inside', [{ valueOf: () => 1 }]],
];

it.each(hostileIds)('refuses ids that are %s', async (_, ids) => {
  const state: Untyped = await (await loaded).createState();
  for (const work of [
    () => state.feed(ids).done,
    () => state.score(ids).done,
    async () => (await loaded).likelihoods([state], ids as number[]).done,
    () => state.generate(request(ids as number[]), () => {}).done,
  ]) {
    expect((await failure(work)).code, String(work)).toBe('bad-request');
  }
  expect((await state.info()).tokens).toBe(0);
  // A stop id that the vocabulary lacks is harmless; everything else is refused here too.
  const job = state.generate(request([1], { stopIds: ids as number[], maxTokens: 1 }), () => {});
  const outcome = await job.done.then(
    () => 'accepted',
    (error: { code: string }) => error.code,
  );
  expect(outcome).toMatch(/^(bad-request|accepted)$/);
  await expectUsable(state);
  await state.free();
});

it('says what was expected and what came', async () => {
  const state: Untyped = await (await loaded).createState();
  const message = async (work: () => Promise<unknown>) => (await failure(work)).message;
  expect(await message(() => state.feed('hello').done)).toBe(
    'expected ids to be an array of token ids, got "hello"',
  );
  expect(await message(() => state.feed([1, Number.NaN]).done)).toBe(
    'expected ids[1] to be a token id, got NaN',
  );
  expect(await message(() => state.feed([1], { chunk: 0 }).done)).toBe(
    'expected chunk to be a whole number from 1 to 2147483647, got 0',
  );
  expect(await message(() => state.generate(request([1])).done)).toBe(
    'expected onTokens to be a function, got undefined',
  );
  expect(await message(() => state.save('', 'note'))).toContain('expected path to be');
  expect(await message(() => state.save('/tmp/x\0y', 'note'))).toContain('expected path to be');
  await state.free();
});

it('lets what a getter or a callback throws through as it is, and goes on', async () => {
  const state: Untyped = await (await loaded).createState();
  const own = new RangeError('mine');
  const thrower = () => {
    throw own;
  };
  const ids = Object.defineProperty([1], 0, { get: thrower });
  await expect(state.feed(ids).done).rejects.toBe(own);
  await expect(state.feed([1], { onProgress: thrower }).done).rejects.toBe(own);
  await expect(state.generate(request([1], { maxTokens: 1000 }), thrower).done).rejects.toBe(own);
  await expect(
    state.generate(request([1], { maxTokens: 1000 }), () => {
      throw undefined;
    }).done,
  ).rejects.toBe(undefined);
  await expectUsable(state);
  await state.free();
});

it('keeps its classes to itself', async () => {
  const model: Untyped = await loaded;
  const state: Untyped = await model.createState();
  for (const self of [{}, model, Object.create(state), null, undefined, 5]) {
    expect(() => state.info.call(self)).toThrow();
    expect(() => state.feed.call(self, [1])).toThrow();
  }
  expect(() => model.createState.call(state)).toThrow();
  for (const made of [state, model, engine as Untyped]) {
    expect(() => new made.constructor()).toThrow(expect.objectContaining({ code: 'bad-request' }));
    expect(() => new made.constructor(made)).toThrow(expect.objectContaining({ code: 'bad-request' }));
    expect(() => made.constructor()).toThrow();
  }
  expect(Object.isFrozen(model.info)).toBe(true);
  await state.free();
});

it('answers for what was freed, unloaded or closed', async () => {
  const codes = async (...work: (() => Promise<unknown>)[]) => {
    for (const one of work)
      expect((await failure(one)).code, String(one)).toMatch(
        /^(state-not-found|model-not-found|bad-request)$/,
      );
  };
  const useless = (state: State) => [
    () => state.info(),
    () => state.fork(),
    () => state.feed([1]).done,
    () => state.score([1]).done,
    () => generate(state, request([1])),
    () => state.save('/tmp/never', ''),
    () => state.free(),
  ];
  const modelless = (model: Model) => [
    () => model.createState(),
    () => model.loadState('/tmp/never'),
    () => model.likelihoods([], [1]).done,
    () => model.unload(),
  ];
  const model = await engine.load(fixture.model).done;
  const freed = await model.createState();
  await freed.free();
  await codes(...useless(freed));

  const orphan = await model.createState();
  await model.unload();
  await codes(...useless(orphan), ...modelless(model));

  const other = addon.createEngine({ device: 'cpu' });
  const late = await other.load(fixture.model).done;
  const state = await late.createState();
  const running = state.generate(request([1], { maxTokens: 1_000_000 }), () => {});
  const outcome = running.done.then(
    (result) => result.reason,
    (error) => error.code,
  );
  const [first, second] = [other.close(), other.close()];
  await first;
  await second;
  expect(await outcome).toMatch(/^(cancelled|engine-gone)$/);
  await codes(...useless(state), ...modelless(late), () => other.load(fixture.model).done);
  expect(() => other.dropCaches()).toThrow(expect.objectContaining({ code: 'bad-request' }));
  running.cancel();
});

it('refuses options it does not know how to read', () => {
  const create = addon.createEngine as Untyped;
  for (const options of [
    null,
    5,
    [],
    { device: 'tpu' },
    { device: 5 },
    { threads: 0 },
    { threads: 1e12 },
    { cacheLimitBytes: -1 },
  ]) {
    expect(() => create(options), JSON.stringify(options)).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
  }
  expect(() => (addon.onPressure as Untyped)('x')).toThrow(expect.objectContaining({ code: 'bad-request' }));
});

it('refuses a request without its parts', async () => {
  const state: Untyped = await (await loaded).createState();
  for (const part of ['ids', 'maxTokens', 'sampling', 'stopIds', 'stopStrings']) {
    const error = await failure(() => state.generate({ ...request([1]), [part]: undefined }, () => {}).done);
    expect([error.code, error.message.includes(part)], part).toEqual(['bad-request', true]);
  }
  for (const part of Object.keys(greedy)) {
    const sampling = { ...greedy, [part]: 'x' };
    const error = await failure(() => state.generate({ ...request([1]), sampling }, () => {}).done);
    expect([error.code, error.message.includes(part)], part).toEqual(['bad-request', true]);
  }
  await state.free();
});

it('says what the machine is and what it uses', () => {
  const device = addon.device();
  expect(device.name).not.toBe('');
  expect(device.backend).toMatch(/^(metal|cuda|cpu)$/);
  expect(device.mlxVersion).toMatch(/^\d+\.\d+/);
  expect(device.memoryBytes).toBeGreaterThan(2 ** 28);
  const memory = addon.memory();
  expect(memory.footprintBytes).toBeGreaterThan(2 ** 20);
  expect(memory.thermal).toMatch(/^(nominal|fair|serious|critical|unknown)$/);
  addon.onPressure(() => {})();
});

it('measures a memory speed that memory can have, and holds nothing of it afterwards', async () => {
  const before = addon.memory();
  const speed = await engine.memorySpeed();
  expect(speed).toBeGreaterThan(0.2e9);
  expect(speed).toBeLessThan(20_000e9);
  expect(addon.memory().activeBytes).toBe(before.activeBytes);
  expect(addon.memory().footprintBytes).toBeLessThan(before.footprintBytes + 2 ** 26);
});
