/** A run on the Compare page, from the press of its button to its end: its figures, its words, its interruptions. */
import { expect, test } from 'vitest';
import { AppError } from '../../electron/shared/errors.ts';
import { comparePage, running } from './compare-page.ts';
import { batchPoint, contextPoint, llamba, runOf, twin } from './compare-shapes.ts';

const { stage, open, main, button, plot, dots, said } = comparePage();

test('one press runs both: plots fill point by point, then their meaning, limit and crossings stand in words', async () => {
  let asked: unknown;
  const run = running((params) => {
    asked = params;
  });
  await open(run.handlers);
  await button('Compare').click();
  await run.begun;
  expect(asked).toEqual({
    models: ['llamba', 'twin'],
    contexts: [0, 256, 512, 1024, 2048, 4096],
    batches: [1, 2, 4, 8],
    repeats: 3,
  });
  await plot('Writing speed').getByText('The first figures come in a moment.').waitFor();
  run.emit({ type: 'begun', provenance: runOf('new').provenance });
  await main().getByText('This machine: AMD EPYC (CPU), linux, 16.0 GiB of memory at 7.5 GiB/s').waitFor();
  run.emit({ type: 'model', model: llamba });
  run.emit({ type: 'context', model: 'llamba', point: contextPoint(llamba, 0) });
  run.emit({ type: 'context', model: 'llamba', point: contextPoint(llamba, 256) });
  await expect.poll(() => dots('Writing speed').count()).toBe(2);
  // 80 MiB of weights and a state of 5 MiB, read and written, at 8 GB/s.
  expect(await said('Writing speed')).toContain(
    '256 tokens: Llamba-135M 50.0 tokens/s, Llamba-135M, memory’s limit 84.8',
  );
  const step = 'writing after 256 tokens';
  run.emit({ type: 'progress', step, model: 'llamba', done: 0.42, secondsLeft: 61 });
  await main()
    .getByRole('progressbar', { name: 'Llamba-135M: writing after 256 tokens, 42 %, 2 min left' })
    .waitFor();
  run.emit({ type: 'model', model: twin });
  for (const context of [0, 256, 512])
    run.emit({ type: 'context', model: 'twin', point: contextPoint(twin, context) });
  run.emit({ type: 'batch', model: 'llamba', point: batchPoint(llamba, 1) });
  await expect.poll(() => dots('Writing speed', 'rect').count()).toBe(3);
  await expect.poll(() => dots('Several sequences at once').count()).toBe(1);
  expect(await said('Memory')).toBe(
    '256 tokens: Llamba-135M 107 MiB, Llamba-135M, peak 127 MiB, SmolLM2-135M 86.0 MiB, SmolLM2-135M, peak 106 MiB',
  );
  run.end();
  await button('Compare').waitFor();
  await main()
    .getByText('Above 420 tokens Llamba-135M is faster; below, SmolLM2-135M is; above 1,600 tokens')
    .waitFor();
  await main().getByText('reaches 59 % of this machine').waitFor();
  await plot('Writing speed').getByText('420 tokens').waitFor();
  await plot('Memory').getByText('1,600 tokens').waitFor();
  expect(await said('Writing speed')).toContain('SmolLM2-135M, memory’s limit 53.0 tokens/s');
  await main().getByText('This machine: AMD EPYC (CPU), linux, 16.0 GiB of memory').waitFor();
});

test('Cancel keeps the figures so far; the focus is not lost on the way', async () => {
  const run = running();
  await open(run.handlers);
  await button('Compare').focus();
  await stage.page.keyboard.press('Enter');
  await run.begun;
  const focused = () => stage.page.evaluate(() => document.activeElement?.tagName);
  await expect.poll(focused).toBe('DIV');
  await button('Cancel').click();
  await main().getByText('It was cancelled: these are the figures so far.').waitFor();
  await expect.poll(focused).toBe('DIV');
  expect(await main().getByRole('listitem').filter({ hasText: ', cancelled' }).count()).toBe(1);
});

test('a warm machine is waited for, and it is said', async () => {
  const run = running();
  await open(run.handlers);
  await button('Compare').click();
  await run.begun;
  run.emit({ type: 'paused', reason: 'The machine is too warm (serious).' });
  await main().getByRole('alert').getByText('Paused. The machine is too warm (serious).').waitFor();
  run.emit({ type: 'resumed' });
  await main().getByRole('progressbar').waitFor();
});

test('a refused run says why, and can be begun again', async () => {
  await open({
    'compare.run': async () => {
      throw new AppError('busy', 'A reply is being written.', 'Stop it first.');
    },
  });
  await button('Compare').click();
  await main().getByRole('alert').getByText('A reply is being written.').waitFor();
  await button('Compare').waitFor();
});

test('while a run is on, the chat says that the engine is busy, and the run goes on behind it', async () => {
  const run = running();
  await open(run.handlers);
  await button('Compare').click();
  await run.begun;
  run.emit({ type: 'model', model: llamba });
  await stage.page.keyboard.press('Control+1');
  await stage.page.getByText('Two models are being compared').waitFor();
  run.emit({ type: 'context', model: 'llamba', point: contextPoint(llamba, 0) });
  await stage.page.keyboard.press('Control+3');
  await expect.poll(() => dots('Writing speed').count()).toBe(1);
});
