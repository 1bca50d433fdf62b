/** axe finds nothing on the Compare page in either theme, and nothing is wider than a narrow window. */
import { expect, test } from 'vitest';
import { AppError } from '../../electron/shared/errors.ts';
import { comparePage, running } from './compare-page.ts';
import { away, contextPoint, earlier, llamba, pair, runOf } from './compare-shapes.ts';
import { violations } from './violations.ts';

const { stage, open, main, button } = comparePage();

test.each([
  ['light', 480],
  ['dark', 1280],
] as const)('axe is content in %s, %i px wide, in all states', async (colorScheme, width) => {
  await stage.page.setViewportSize({ width, height: 900 });
  await stage.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  const run = running();
  await open({
    ...run.handlers,
    'compare.runs': async () => [runOf('a'), earlier],
    'compare.pairs': async () => [pair, { ...away, llamba: { id: 'other', name: 'Llamba-1B' } }],
    'compare.side': async () => {
      throw new AppError('out-of-memory', 'Both do not fit.', 'Choose a smaller pair.');
    },
  });
  const content = async () => {
    expect(await violations(stage.page)).toEqual([]);
    const over = await main().evaluate((box) => box.scrollWidth - box.clientWidth);
    expect(over).toBe(0);
  };
  await main().getByLabel('Llamba', { exact: true }).selectOption('other');
  await button('Get SmolLM2-135M').waitFor();
  await main().getByText('The same as a table').click();
  await main().getByLabel('The paper’s figures beside ours').check();
  await main()
    .getByRole('button', { name: /^Draw behind/ })
    .last()
    .click();
  await main()
    .getByRole('button', { name: /^Remove the run of/ })
    .first()
    .click();
  await content();
  await main().getByLabel('Llamba', { exact: true }).selectOption('llamba');
  await button('Compare').click();
  await run.begun;
  run.emit({ type: 'model', model: llamba });
  run.emit({ type: 'context', model: 'llamba', point: contextPoint(llamba, 0) });
  run.emit({ type: 'paused', reason: 'Warm.' });
  await main().getByText('Paused. Warm.').waitFor();
  await content();
  run.end();
  await button('Compare').waitFor();
  await content();
  await button('Side by side').click();
  await main().getByLabel('A question to both').fill('Hello');
  await button('Ask both').click();
  await main().getByText('Both do not fit.').waitFor();
  await content();
});
