import { expect, it } from 'vitest';
import type { Sampling } from '../../native-mlx/addon.ts';
import { engineForTests, failure, generate, generateAlone, greedy, request } from './addon.ts';
import { golden, idsOf } from './golden.ts';

const engine = engineForTests();
const fixture = golden('llamba/fp32-untied');
const loaded = engine.load(fixture.model).done;
const prompt = idsOf(fixture, 'short.input_ids') as number[];
const best = idsOf(fixture, 'greedy.tokens') as number[];

const hot: Sampling = { ...greedy, temperature: 1.5 };
const sample = async (sampling: Sampling, maxTokens = 32) =>
  generateAlone(await loaded, request(prompt, { sampling, maxTokens }));

it('repeats itself for a seed and differs for another', async () => {
  const first = await sample({ ...hot, seed: 7 });
  expect(await sample({ ...hot, seed: 7 })).toEqual(first);
  expect(await sample({ ...hot, seed: 8 })).not.toEqual(first);
  expect(await sample({ ...hot, seed: Number.MAX_SAFE_INTEGER })).toHaveLength(32);
});

it('goes on after a generation as it would have in one', async () => {
  const model = await loaded;
  const state = await model.createState();
  const parts = [
    (await generate(state, request(prompt, { maxTokens: 5 }))).tokens,
    (await generate(state, request([], { maxTokens: 27 }))).tokens,
  ];
  expect(parts.flat()).toEqual(best);
  await state.free();
});

it.each<[string, Partial<Sampling>]>([
  ['top-k of 1', { topK: 1 }],
  ['a tiny top-p', { topP: 1e-6 }],
  ['min-p of 1', { minP: 1 }],
  ['hardly any temperature', { temperature: 1e-4 }],
])('is greedy with %s', async (_, more) => {
  expect(await sample({ ...hot, seed: 3, ...more })).toEqual(best);
});

it('follows the model’s distribution', async () => {
  const model = await loaded;
  const state = await model.createState();
  const score = await state.score(prompt, { top: 1 }).done;
  const probability = Math.exp(score.topLogprobs.at(-1) as number);
  const draws = 400;
  let hits = 0;
  for (let seed = 0; seed < draws; ++seed) {
    const fork = await state.fork();
    const one = await generate(
      fork,
      request([], { maxTokens: 1, sampling: { ...greedy, temperature: 1, seed } }),
    );
    if (one.tokens[0] === score.topIds.at(-1)) ++hits;
    await fork.free();
  }
  await state.free();
  // Five standard deviations; the seeds are fixed, so this cannot fail by luck.
  const deviation = Math.sqrt((probability * (1 - probability)) / draws);
  expect(Math.abs(hits / draws - probability)).toBeLessThan(5 * deviation);
});

it('obeys the bias', async () => {
  const wanted = (best[0] as number) === 9 ? 10 : 9;
  expect(await sample({ ...greedy, logitBias: [[wanted, 1000]] })).toEqual(Array(32).fill(wanted));
  const banned = await sample({ ...greedy, logitBias: [[best[0] as number, -1000]] });
  expect(banned).not.toContain(best[0]);
});

it('is kept from repeating by the penalty', async () => {
  const tokens = await sample({ ...greedy, repetitionPenalty: 1000, repetitionWindow: 1000 }, 60);
  expect(new Set([...prompt, ...tokens]).size).toBe(new Set(prompt).size + 60);
});

it.each<[string, Partial<Sampling>]>([
  ['temperature', { temperature: -1 }],
  ['temperature', { temperature: Number.NaN }],
  ['topP', { topP: 1.5 }],
  ['minP', { minP: -0.1 }],
  ['topK', { topK: 1.5 }],
  ['repetitionPenalty', { repetitionPenalty: 0 }],
  ['repetitionWindow', { repetitionWindow: -1 }],
  ['seed', { seed: 2 ** 60 }],
  ['logitBias', { logitBias: [[-1, 0]] }],
  ['logitBias', { logitBias: [[1, Number.NaN]] }],
])('refuses a %s that makes no sense (%o)', async (name, more) => {
  const error = await failure(() => sample({ ...greedy, ...more }));
  expect(error.code).toBe('bad-request');
  expect(error.message).toContain(name);
});
