import { expect, it } from 'vitest';
import { addon, engineForTests, failure, someIds } from './addon.ts';
import { golden } from './golden.ts';

const engine = engineForTests();

it.each(['llamba/q4g64-untied', 'llama/q4g64-tied'])(
  'of %s are what score adds up to, state by state',
  async (name) => {
    const model = await engine.load(golden(name).model).done;
    const states = await Promise.all([5, 90, 1, 40].map(() => model.createState()));
    for (const [i, length] of [5, 90, 1, 40].entries()) await states[i]?.feed(someIds(length, 256, i)).done;
    const ids = someIds(60, 256, 9);
    const told: number[] = [];
    const onProgress = (done: number, total: number) => told.push(done, total);
    const together = await model.likelihoods(states, ids, { onProgress }).done;
    expect(together).toHaveLength(4);
    expect(told).toEqual([2, 4, 4, 4]);
    for (const [i, state] of states.entries()) {
      const { tokens } = await state.info();
      const { logprobs } = await (await state.fork()).score(ids).done;
      const sum = logprobs.reduce((all, one) => all + one, 0);
      expect(Math.abs((together[i] ?? 0) - sum)).toBeLessThan(2e-3);
      expect(tokens).toBe([5, 90, 1, 40][i]);
    }
    await model.unload();
  },
);

it('take states of this engine only', async () => {
  const model = await engine.load(golden('llamba/q4g64-untied').model).done;
  const state = await model.createState();
  await state.feed([1]).done;
  const other = addon.createEngine({ device: 'cpu' });
  const stranger = await (await other.load(golden('llamba/q4g64-untied').model).done).createState();
  // biome-ignore lint/suspicious/noExplicitAny: what types would forbid
  const wrong: [any, string][] = [
    [undefined, 'states'],
    [[state, {}], 'states[1]'],
    [[state, model], 'states[1]'],
    [[Object.create(state)], 'states[0]'],
    [[stranger], 'states[0]'],
  ];
  for (const [states, name] of wrong) {
    const error = await failure(() => model.likelihoods(states, [1]).done);
    expect(error.code).toBe('bad-request');
    expect(error.message).toContain(`expected ${name} to be`);
  }
  expect(await model.likelihoods([state], [1]).done).toHaveLength(1);
  await other.close();
});
