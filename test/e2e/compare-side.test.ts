/** Both models answer one prompt on the Compare page. */
import { expect, test } from 'vitest';
import { comparePage } from './compare-page.ts';
import { until } from './stage.ts';

const { stage, open, main, button } = comparePage();

test('both answer one prompt at once, with counters of their own, until they are stopped', async () => {
  let asked: unknown;
  await open({
    'compare.side': async (params, { emit, signal }) => {
      asked = params;
      const figures = { tokensPerSecond: 31, stateBytes: 5 * 2 ** 20 };
      emit({ type: 'text', model: 'llamba', text: 'A good friend **listens**.', tokens: 6, ...figures });
      emit({ type: 'prefill', model: 'twin', done: 12, total: 40 });
      await until(signal);
      const result = { promptTokens: 40, tokens: 7, ttftMs: 120, prefillTokensPerSecond: 300 };
      const rest = { ...result, decodeTokensPerSecond: 30, stateBytes: 5 * 2 ** 20 };
      return ['llamba', 'twin'].map((model) => ({ ...rest, model, text: 'A good friend.' }));
    },
  });
  await button('Side by side').click();
  await main().getByLabel('A question to both').fill('What makes a good friend?');
  await stage.page.keyboard.press('Enter');
  const answer = (name: string) => main().getByRole('region', { name, exact: true });
  await answer('Llamba-135M').getByText('A good friend listens.').waitFor();
  expect(asked).toEqual({
    models: ['llamba', 'twin'],
    prompt: 'What makes a good friend?',
    maxTokens: 512,
  });
  expect(await answer('Llamba-135M').textContent()).toContain('Tokens6Writing31.0 tokens/sState5.0 MiB');
  await answer('SmolLM2-135M').getByText('Reading: 12 of 40 tokens').waitFor();
  await stage.page.keyboard.press('Escape');
  await answer('SmolLM2-135M').getByText('120 ms').waitFor();
  await button('Ask both').waitFor();
});
