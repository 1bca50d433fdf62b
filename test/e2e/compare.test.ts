/** The Compare page over a double of core: every state of a run, its words, its plots, its table and its files. */
import { readFile } from 'node:fs/promises';
import axe from 'axe-core';
import { expect, test } from 'vitest';
import type { CompareItem, Contract, NetworkState, Pair } from '../../electron/shared/contract.ts';
import { AppError } from '../../electron/shared/errors.ts';
import type { Handlers } from '../../electron/shared/rpc.ts';
import { batchPoint, contextPoint, llamba, pair, runOf, twin } from './compare-shapes.ts';
import { setStage, until } from './stage.ts';

const stage = setStage();
const network: NetworkState = {
  ...{ offline: false, hub: '', hasToken: false, requests: 0, receivedBytes: 0, active: 0 },
};
const away: Pair = {
  ...pair,
  twin: { id: 'twin', name: 'SmolLM2-135M', installed: false, embedded: true },
};
const earlier = runOf('earlier', {
  provenance: { ...runOf('a').provenance, at: Date.UTC(2026, 10, 20, 9), device: 'M3 Pro', backend: 'metal' },
});

const base: Partial<Handlers<Contract>> = {
  'compare.pairs': async () => [pair],
  'compare.runs': async () => [],
  'models.list': async () => [],
  'models.tasks': async () => [],
  'models.catalogue': async () => [],
  'network.state': async () => network,
};

async function open(handlers: Partial<Handlers<Contract>> = {}) {
  const double = await stage.show({ ...base, ...handlers });
  await stage.page.getByRole('textbox', { name: 'Message' }).waitFor();
  await stage.page.keyboard.press('Control+3');
  await stage.page.getByRole('heading', { name: 'Compare', exact: true }).waitFor();
  return double;
}

const main = () => stage.page.getByRole('main');
const button = (name: string) => main().getByRole('button', { name, exact: true });
const plot = (title: string) => main().getByRole('figure', { name: title, exact: true });
/** What a plot says of the place that is chosen in it. */
const said = (title: string) => plot(title).getByRole('slider').getAttribute('aria-valuetext');

/** A run whose items come as the test wants them; it ends with `runOf('new')`, cancelled or not. */
function running(
  onRequest: (params: Contract['streams']['compare.run']['params']) => void = () => undefined,
) {
  let emit: (item: CompareItem) => void = () => undefined;
  let end: () => void = () => undefined;
  const begun = Promise.withResolvers<void>();
  const handlers: Partial<Handlers<Contract>> = {
    'compare.run': async (params, context) => {
      onRequest(params);
      emit = context.emit;
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      begun.resolve();
      await Promise.race([ended, until(context.signal)]);
      return runOf('new', context.signal.aborted ? { phase: 'cancelled' } : {});
    },
  };
  return { handlers, begun: begun.promise, emit: (item: CompareItem) => emit(item), end: () => end() };
}

test('a twin that is missing is got by one press, and then both can be compared', async () => {
  let pairs = [away];
  const double = await open({
    'compare.pairs': async () => pairs,
    'models.addTwin': async () => ({
      ...{ id: 't', kind: 'download', model: 'twin', name: 'SmolLM2-135M', phase: 'running', doneBytes: 10 },
      ...{ totalBytes: 100, bytesPerSecond: null, secondsLeft: null, note: null, error: null },
    }),
  });
  await main().getByText('SmolLM2-135M is not on this computer.').waitFor();
  expect(await button('Compare').count()).toBe(0);
  await button('Get SmolLM2-135M').click();
  await main().getByRole('progressbar').waitFor();
  pairs = [pair];
  double.emit('models.changed', {});
  await button('Compare').waitFor();
  expect(await main().getByRole('progressbar').count()).toBe(0);
});

test('offline, nothing is fetched, and the switch is at hand', async () => {
  let fetched = 0;
  await open({
    'compare.pairs': async () => [away],
    'network.state': async () => ({ ...network, offline: true }),
    'models.addTwin': async () => {
      fetched += 1;
      throw new AppError('offline', 'Offline is on.', '');
    },
    'network.offline': async ({ offline }) => ({ ...network, offline }),
  });
  await main().getByText('Offline is on: nothing is fetched.').waitFor();
  await button('Get SmolLM2-135M').click({ force: true });
  expect(fetched).toBe(0);
  await button('Go online').click();
  await main().getByText('Offline is on: nothing is fetched.').waitFor({ state: 'detached' });
});

test('what cannot be read says why, and is read again', async () => {
  let broken = true;
  await open({
    'compare.pairs': async () => {
      if (broken) throw new AppError('file-unreadable', 'The disk does not answer.', 'Look at it.');
      return [pair];
    },
  });
  await main().getByText('What can be compared could not be read. The disk does not answer.').waitFor();
  broken = false;
  await button('Try again').click();
  await button('Compare').waitFor();
  await main().getByText('Nothing has been compared yet.').waitFor();
});

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
  run.emit({ type: 'model', model: llamba });
  run.emit({ type: 'context', model: 'llamba', point: contextPoint(llamba, 0) });
  run.emit({ type: 'context', model: 'llamba', point: contextPoint(llamba, 256) });
  const dots = (title: string) => plot(title).locator('[role="slider"] circle');
  await expect.poll(() => dots('Writing speed').count()).toBe(2);
  const step = 'writing after 256 tokens';
  run.emit({ type: 'progress', step, model: 'llamba', done: 0.42, secondsLeft: 61 });
  await main()
    .getByRole('progressbar', { name: 'Llamba-135M: writing after 256 tokens, 42 %, 2 min left' })
    .waitFor();
  run.emit({ type: 'model', model: twin });
  for (const context of [0, 256, 512])
    run.emit({ type: 'context', model: 'twin', point: contextPoint(twin, context) });
  run.emit({ type: 'batch', model: 'llamba', point: batchPoint(llamba, 1) });
  await expect.poll(() => plot('Writing speed').locator('[role="slider"] rect').count()).toBe(3);
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
  await expect.poll(() => plot('Writing speed').locator('[role="slider"] circle').count()).toBe(1);
});

test('arrow keys step through the contexts, and the values are told at each', async () => {
  await open({ 'compare.runs': async () => [runOf('a')] });
  const slider = plot('Writing speed').getByRole('slider');
  await slider.focus();
  await stage.page.keyboard.press('Home');
  expect(await said('Writing speed')).toMatch(/^0 tokens: Llamba-135M 50.0 tokens\/s, SmolLM2-135M 60.0/);
  await stage.page.keyboard.press('ArrowRight');
  expect(await said('Writing speed')).toMatch(/^256 tokens: /);
  expect(await plot('Writing speed').getByText('at 256 tokens').count()).toBe(1);
});

test('the table has the same numbers', async () => {
  await open({ 'compare.runs': async () => [runOf('a')] });
  await main().getByText('The same as a table').click();
  const rows = main().getByRole('table', { name: 'Figures over context' }).getByRole('row');
  expect(await rows.count()).toBe(13);
  expect(await rows.last().getByRole('cell').allTextContents()).toEqual([
    ...['SmolLM2-135M', '20.0 tokens/s', '19.0 to 20.4 tokens/s', '300 tokens/s'],
    ...['80.0 MiB', '64.0 MiB', '146 MiB', '6.0 MiB', '166 MiB'],
  ]);
  const batches = main().getByRole('table', { name: 'Figures over sequences at once' }).getByRole('row');
  expect(await batches.nth(1).textContent()).toContain('1 sequenceLlamba-135M50.0 tokens/s');
});

test("the paper's figures are beside ours only when asked for, under their own name", async () => {
  await open({ 'compare.runs': async () => [runOf('a')] });
  await plot('Writing speed').waitFor();
  const label = "paper (authors' chart), M3 Pro: Llama-3.1-8B";
  expect(await plot('Memory').getByText(label).count()).toBe(0);
  await main().getByLabel('The paper’s figures beside ours').check();
  await plot('Writing speed').getByText(label).waitFor();
  await plot('Memory').getByText(label).waitFor();
  await plot('Several sequences at once').getByText('one H100 80 GB').waitFor();
});

test('earlier runs are opened, drawn behind by their date and device, and removed', async () => {
  const removed: string[] = [];
  await open({
    'compare.runs': async () => [runOf('a'), earlier],
    'compare.remove': async ({ run }) => {
      removed.push(run);
      return {};
    },
  });
  const row = main().getByRole('listitem').filter({ hasText: 'M3 Pro (Metal)' });
  await row.getByRole('button', { name: /^Draw behind/ }).click();
  await plot('Writing speed')
    .getByText(/^Llamba-135M, 20 Nov 2026, \d\d:00, M3 Pro \(Metal\)$/)
    .waitFor();
  await main()
    .getByText(/^Drawn faintly: M3 Pro \(Metal\)/)
    .waitFor();
  expect(await plot('Writing speed').locator('[role="slider"] circle[r="3.25"]').count()).toBe(12);
  await row.getByRole('button', { name: /^Open/ }).click();
  await main()
    .getByText(/^This machine: M3 Pro \(Metal\)/)
    .waitFor();
  expect(await plot('Writing speed').locator('[role="slider"] circle[r="3.25"]').count()).toBe(6);
  await row.getByRole('button', { name: 'Remove' }).click();
  await row.getByRole('button', { name: 'Remove' }).click();
  await main()
    .getByText(/^This machine: AMD EPYC/)
    .waitFor();
  expect(removed).toEqual(['earlier']);
});

test('a run is saved as CSV, JSON and a picture', async () => {
  const run = runOf('a');
  await open({ 'compare.runs': async () => [run] });
  const saved = async (ending: string) => {
    const [download] = await Promise.all([
      stage.page.waitForEvent('download'),
      button(ending.toUpperCase()).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(
      new RegExp(`^llamba-compare-2026-11-2\\d-\\d{4}\\.${ending}$`),
    );
    return readFile(await download.path());
  };
  const csv = String(await saved('csv'));
  expect(csv.split('\n')[1]).toMatch(/^Llamba-135M,llamba,context,0,1,50,47.5,51,3,,,,,104857600,5242880,/);
  expect(JSON.parse(String(await saved('json')))).toEqual(run);
  const png = await saved('png');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  const drawn = await stage.page
    .locator('[role="slider"] svg')
    .first()
    .evaluate((svg) => svg.clientWidth);
  // Twice as fine as the page, with a margin of 16 px on either side.
  expect(png.readUInt32BE(16)).toBe(2 * (drawn + 32));
  expect(stage.watched.errors).toEqual([]);
});

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

async function violations(): Promise<string[]> {
  await stage.page.evaluate(axe.source);
  const result = await stage.page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
  return result.violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
  );
}

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
    expect(await violations()).toEqual([]);
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
  await button('Remove').first().click();
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
