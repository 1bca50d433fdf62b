import { expect, it } from 'vitest';
import type { Model } from '../../native-mlx/addon.ts';
import { engineForTests, failure, generate, request } from './addon.ts';
import { golden, idsOf } from './golden.ts';

const engine = engineForTests();
const fixture = golden('llamba/q4g64-untied');
const prompt = idsOf(fixture, 'short.input_ids') as number[];
const tokens = idsOf(fixture, 'greedy.tokens') as number[];

/** Three bytes a token, the middle one above 127: text that no single token can hold whole. */
const piece = (id: number) => String.fromCharCode(65 + (id >> 5), 128 + (id & 31), 97 + (id % 23));
const pieces = Array.from({ length: 512 }, (_, id) => piece(id));
const loaded = engine.load(fixture.model, { pieces }).done;

async function generateOn(model: Model, more: object) {
  const state = await model.createState();
  const generated = await generate(state, request(prompt, more));
  expect((await state.info()).tokens).toBe(prompt.length + generated.tokens.length);
  expect(generated.stateTokens).toBe(prompt.length + generated.tokens.length);
  expect(generated.generatedTokens).toBe(generated.tokens.length);
  expect(generated.promptTokens).toBe(prompt.length);
  await state.free();
  return generated;
}

it.each([0, 5, 20])('stops before a stop id, at token %i', async (at) => {
  const stopId = tokens[at] as number;
  const result = await generateOn(await loaded, { stopIds: [511, stopId] });
  const first = tokens.findIndex((id) => id === stopId || id === 511);
  expect(result.tokens).toEqual(tokens.slice(0, first));
  expect(result).toMatchObject({ reason: 'stop-id', stopId: tokens[first], stopString: null });
});

it.each([
  ['inside one token', 1, 0, 2],
  ['across two', 4, 2, 3],
  ['across four', 9, 1, 9],
])('stops after the token that completes a string %s', async (_, at, skip, length) => {
  const text = tokens.map(piece).join('');
  const stop = text.slice(3 * at + skip, 3 * at + skip + length);
  const last = Math.floor((text.indexOf(stop) + length - 1) / 3);
  const result = await generateOn(await loaded, { stopStrings: ['never seen', stop] });
  expect(result.tokens).toEqual(tokens.slice(0, last + 1));
  expect(result).toMatchObject({ reason: 'stop-string', stopString: stop, stopId: null });
});

it('does not count the prompt’s text', async () => {
  const last = piece(prompt.at(-1) as number);
  const result = await generateOn(await loaded, { stopStrings: [last + piece(tokens[0] as number)] });
  expect(result.reason).toBe('length');
});

it('stops at maxTokens, none included', async () => {
  for (const maxTokens of [0, 1, 7]) {
    const result = await generateOn(await loaded, { maxTokens });
    expect(result.tokens).toEqual(tokens.slice(0, maxTokens));
    expect(result).toMatchObject({ reason: 'length', stopId: null, stopString: null });
  }
});

it('refuses stop strings without pieces, and a fresh state without a prompt', async () => {
  const model = await engine.load(fixture.model).done;
  const state = await model.createState();
  expect((await failure(() => generate(state, request(prompt, { stopStrings: ['x'] })))).code).toBe(
    'bad-request',
  );
  expect((await failure(() => generate(state, request([])))).code).toBe('bad-request');
  expect((await generate(state, request(prompt))).tokens).toEqual(tokens);
  await model.unload();
});

it('takes fewer pieces than tokens: padding of the vocabulary has no text', async () => {
  const model = await engine.load(fixture.model, { pieces: pieces.slice(0, 3) }).done;
  const generated = await generateOn(model, { stopStrings: ['zz'] });
  expect(generated.tokens).toEqual(tokens);
  await model.unload();
});

it('times itself', async () => {
  const result = await generateOn(await loaded, {});
  expect(result.prefillMs).toBeGreaterThan(0);
  expect(result.ttftMs).toBeGreaterThanOrEqual(result.prefillMs);
  expect(result.decodeMs).toBeGreaterThan(0);
});
