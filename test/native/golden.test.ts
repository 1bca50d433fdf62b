import { describe, expect, it } from 'vitest';
import type { Model } from '../../native-mlx/addon.ts';
import { distributions, engineForTests, generate, request } from './addon.ts';
import { type Golden, goldens, idsOf, largest, logSoftmax, prompts } from './golden.ts';

const chunks = [1, 7, 64, 128, undefined];

/** The fixtures allow 1e-5 of the largest logit; a log-probability is the difference of two such numbers. */
const allowed = (logits: ArrayLike<number>) => 2e-5 * largest(logits);

const rows = (data: ArrayLike<number>, width: number): Float64Array[] =>
  Array.from({ length: data.length / width }, (_, i) =>
    logSoftmax(Array.from(data).slice(i * width, (i + 1) * width)),
  );

/** The worst difference over all ids, at every position that the golden holds. */
async function worstDifference(model: Model, golden: Golden, prompt: string, chunk: number | undefined) {
  const ids = idsOf(golden, `${prompt}.input_ids`);
  if (!ids) return null;
  const state = await model.createState();
  const top = model.info.vocabulary;
  const score = await state.score(ids, chunk === undefined ? { top } : { top, chunk }).done;
  await state.free();
  const logits = (golden.tensors.get(`${prompt}.logits_all`) ?? golden.tensors.get(`${prompt}.logits_last`))
    ?.data;
  if (!logits) throw new Error(`no logits for ${prompt}`);
  const wanted = rows(logits, top);
  const got = distributions(score, top).slice(-wanted.length);
  const first = ids.length - wanted.length;
  let worst = 0;
  wanted.forEach((row, i) => {
    row.forEach((x, id) => {
      worst = Math.max(
        worst,
        Math.abs(x - (got[i]?.[id] ?? Number.NaN)) || (got[i]?.[id] === x ? 0 : Infinity),
      );
    });
    const next = ids[first + i + 1];
    if (next === undefined) return;
    worst = Math.max(worst, Math.abs((score.logprobs[first + i + 1] as number) - (row[next] as number)));
  });
  expect(score.logprobs).toHaveLength(ids.length);
  expect(score.logprobs[0]).toBeNaN();
  return { worst, allowed: allowed(logits) };
}

const engine = engineForTests();

describe.each(goldens)('$name', (golden) => {
  const loaded = engine.load(golden.model).done;

  it.each(chunks)('gives the reference’s logits at every position in chunks of %s', async (chunk) => {
    const model = await loaded;
    for (const prompt of prompts) {
      const difference = await worstDifference(model, golden, prompt, chunk);
      if (difference) expect(difference.worst, prompt).toBeLessThan(difference.allowed);
    }
  });

  it.each(chunks)('writes the reference’s greedy tokens after a feed in chunks of %s', async (chunk) => {
    const model = await loaded;
    const ids = idsOf(golden, 'short.input_ids') as number[];
    const state = await model.createState();
    const fed = await state.feed(ids, chunk === undefined ? {} : { chunk }).done;
    expect(fed.tokens).toBe(ids.length);
    const { tokens, stateTokens, reason } = await generate(state, request([]));
    expect(tokens).toEqual(idsOf(golden, 'greedy.tokens'));
    expect({ stateTokens, reason }).toEqual({ stateTokens: ids.length + 32, reason: 'length' });

    const next = golden.tensors.get('greedy.next_logits')?.data ?? [];
    const wanted = logSoftmax(next);
    for (let id = 0; id < model.info.vocabulary; id += 41) {
      const fork = await state.fork();
      const { logprobs } = await fork.score([id]).done;
      expect(Math.abs((logprobs[0] as number) - (wanted[id] as number))).toBeLessThan(allowed(next));
      await fork.free();
    }
    await state.free();
  });

  it('describes itself', async () => {
    const { info } = await loaded;
    expect(info.architecture).toBe(golden.name.split('/')[0]);
    expect(info.format).toBe(info.architecture === 'llama' ? 'mlx-lm' : 'cartesia-mlx');
    expect(info.vocabulary * info.width).toBeLessThan(info.parameters);
    expect(info.stateBytesPerToken > 0).toBe(info.architecture === 'llama');
    expect(info.fingerprint).toMatch(/^[0-9a-f]{16,}$/);
  });
});

it('reads the hub’s layout to the same numbers as the reference’s', async () => {
  const golden = goldens.find((g) => g.name === 'llamba/bf16-tied') as Golden;
  const hub = await engine.load(golden.model.replace(/model\/[^/]*$/, 'hub')).done;
  expect(hub.info.format).toBe('hub');
  for (const prompt of prompts) {
    const difference = await worstDifference(hub, golden, prompt, undefined);
    expect(difference?.worst, prompt).toBeLessThan(difference?.allowed ?? 0);
  }
});
