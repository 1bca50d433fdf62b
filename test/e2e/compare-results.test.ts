/** A run that was made, on the Compare page: by keys, as a table, beside the paper and beside another run, as files. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { comparePage } from './compare-page.ts';
import { earlier, runOf } from './compare-shapes.ts';

const { stage, open, main, button, plot, said } = comparePage();

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
    ...['SmolLM2-135M', '20.0', '19.0 to 20.4', '53.0', '300'],
    ...['80.0 MiB', '64.0 MiB', '146 MiB', '6.0 MiB', '166 MiB'],
  ]);
  const batches = main().getByRole('table', { name: 'Figures over sequences at once' }).getByRole('row');
  expect(await batches.nth(1).textContent()).toContain('1Llamba-135M50.047.5 to 51.0');
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
  await main()
    .getByText(
      /^Against the run of 20 Nov 2026, \d\d:00, M3 Pro \(Metal\): Llamba-135M writes as fast at 4,096/,
    )
    .waitFor();
  expect(await plot('Writing speed').locator('[role="slider"] circle[r="3.25"]').count()).toBe(12);
  await main().getByText('The same as a table').click();
  const behind = /^Figures over context, 20 Nov 2026, \d\d:00, M3 Pro \(Metal\)$/;
  expect(await main().getByRole('table', { name: behind }).getByRole('row').count()).toBe(13);
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
