/** A document over the real host with the embedded model: added by the page, read, asked, found again after a reload. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, watchedPage } from './browser.ts';
import { type Host, startHost } from './host.ts';

const tides = `# A Short History of Tides

The sea rises twice a day on most open shores. In 1687 Isaac Newton named the pull of the moon as the cause.

## Power

The station on the Rance in Brittany opened in 1966. Its turbines give 240 megawatts.
`;

let browser: Browser;
let host: Host;

beforeAll(async () => {
  browser = await openBrowser();
  host = await startHost();
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
});

test('a file is read page by page, asked, and its quotation leads to where it stands', async () => {
  const { page, errors } = await watchedPage(browser, { reducedMotion: 'reduce' });
  const show = async () => {
    await page.getByRole('textbox', { name: 'Message' }).waitFor({ timeout: 30_000 });
    await page.keyboard.press('Control+2');
  };
  await page.goto(host.address);
  await show();
  await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
  const file = { name: 'tides.md', mimeType: 'text/markdown', buffer: Buffer.from(tides) };
  await page.getByLabel('Documents to add').setInputFiles(file);
  await page.getByRole('heading', { name: 'A Short History of Tides' }).waitFor();
  await page.getByText('Read 2 of 2 pages', { exact: true }).waitFor({ timeout: 30_000 });

  await page.getByRole('button', { name: 'Ask', exact: true }).first().click();
  await page.getByRole('textbox', { name: 'Question' }).fill('Who named the pull of the moon?');
  await page.keyboard.press('Enter');
  const quotes = page.getByRole('region', { name: 'Exact quotes' });
  await quotes.getByText('Isaac Newton').waitFor({ timeout: 30_000 });
  await page.getByText(/First word after/).waitFor({ timeout: 30_000 });
  await quotes.getByRole('button', { name: 'p. 1' }).first().click();
  const marks = page.getByRole('region', { name: 'Text', exact: true }).locator('mark');
  await marks.first().waitFor();
  expect((await marks.allTextContents()).join('')).toContain('Isaac Newton named the pull of the moon');

  await page.reload();
  await show();
  await page.getByRole('button', { name: /^A Short History of Tides/ }).waitFor();
  // Known by its content: nothing is read once more, and it is there once.
  await page.getByLabel('Documents to add').setInputFiles({ ...file, name: 'again.md' });
  await page.getByText('Read 2 of 2 pages', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'All documents' }).click();
  await page.getByRole('button', { name: /^A Short History of Tides/ }).waitFor();
  expect(await page.locator('main [data-document]').count()).toBe(1);
  expect(errors).toEqual([]);
  await page.context().close();
});
