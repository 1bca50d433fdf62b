import { describe, expect, it } from 'vitest';
import type { GenerateRequest, GenerateResult, Job } from '../../native-mlx/addon.ts';
import {
  distance,
  engineForTests,
  generate,
  generateAlone,
  greedy,
  reading,
  request,
  someIds,
} from './addon.ts';
import { golden } from './golden.ts';

const engine = engineForTests();

describe.each(['llamba/fp32-untied', 'llamba/q4g64-untied', 'llama/q4g64-tied'])(
  'generations of %s',
  (name) => {
    const loaded = engine.load(golden(name).model).done;

    it('write at the same time what each writes alone, joining and leaving when they please', async () => {
      const model = await loaded;
      // One goes on as long as any other does; of the others each begins when the one before has written four tokens.
      const asked: GenerateRequest[] = [3, 70, 1, 140, 20, 9].map((length, i) =>
        request(someIds(length, 256, i + 1), {
          maxTokens: i === 0 ? 1_000_000 : 20 + 13 * ((i * 5) % 6),
          sampling: i % 2 === 0 ? greedy : { ...greedy, temperature: 0.9, topK: 40, topP: 0.95, seed: i },
        }),
      );
      const states = await Promise.all(asked.map(() => model.createState()));
      const written = asked.map((): number[] => []);
      const jobs: Job<GenerateResult>[] = [];
      const begin = (i: number): void => {
        const [state, one] = [states[i], asked[i]];
        if (!state || !one || jobs[i]) return;
        jobs[i] = state.generate(one, (ids) => {
          written[i]?.push(...ids);
          if ((written[i]?.length ?? 0) >= 4) begin(i + 1);
        });
      };
      begin(0);
      while (!jobs[1]) await new Promise((resolve) => setTimeout(resolve, 1));
      for (let i = 1; i < asked.length; ++i) await jobs[i]?.done;
      jobs[0]?.cancel();
      expect((await jobs[0]?.done)?.reason).toBe('cancelled');

      for (const [i, one] of asked.entries()) {
        const [tokens, state] = [written[i] ?? [], states[i]];
        const fresh = await model.createState();
        const alone = await generate(fresh, { ...one, maxTokens: tokens.length });
        expect(tokens.length, `generation ${i}`).toBe(i === 0 ? tokens.length : one.maxTokens);
        expect(tokens, `generation ${i}`).toEqual(alone.tokens);
        if (state)
          expect(distance(await reading(state, model), await reading(fresh, model))).toBeLessThan(5e-4);
        await Promise.all([state?.free(), fresh.free()]);
      }
    });

    it('go on when one of them is cancelled', async () => {
      const model = await loaded;
      const asked = [60, 1_000_000, 60].map((maxTokens, i) =>
        request(someIds(10 + 10 * i, 256, i + 1), { maxTokens }),
      );
      const states = await Promise.all(asked.map(() => model.createState()));
      const written = asked.map((): number[] => []);
      const jobs = asked.map((one, i) =>
        states[i]?.generate(one, (ids) => {
          written[i]?.push(...ids);
          if (i === 1) jobs[1]?.cancel();
        }),
      );
      const results = await Promise.all(jobs.map((job) => job?.done));
      expect(results.map((result) => result?.reason)).toEqual(['length', 'cancelled', 'length']);
      for (const [i, one] of asked.entries()) {
        expect(written[i]).toEqual(
          await generateAlone(model, { ...one, maxTokens: written[i]?.length ?? 0 }),
        );
      }
      await Promise.all(states.map((s) => s.free()));
    });

    it('go on while another state reads a long text', async () => {
      const model = await loaded;
      const asked = request(someIds(10, 256), { maxTokens: 40 });
      const alone = await generateAlone(model, asked);
      const [reader, writer] = await Promise.all([model.createState(), model.createState()]);
      const feed = reader.feed(someIds(100_000, 256), { chunk: 32 });
      const { tokens } = await generate(writer, asked);
      feed.cancel();
      await feed.done.then(
        () => expect.unreachable('the generation waited for the feed to end'),
        (error) => expect(error.code).toBe('cancelled'),
      );
      expect(tokens).toEqual(alone);
      await Promise.all([reader.free(), writer.free()]);
    });
  },
);
