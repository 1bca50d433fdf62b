/** The Compare page over the real core and engine: a tiny Llamba and a tiny Llama under the ids of a pair of the catalogue. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeTokenizer } from '../contract/tiny-models.ts';
import { openBrowser, watchedPage } from './browser.ts';
import { type Host, startHostOn } from './host.ts';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const data = mkdtempSync(join(tmpdir(), 'llamba-compare-'));
let browser: Browser;
let host: Host;
let page: Page;

function install(id: string, fixture: string) {
  const folder = join(data, 'models', id);
  mkdirSync(folder, { recursive: true });
  const from = join(fixtures, fixture, 'model');
  for (const name of readdirSync(from)) copyFileSync(join(from, name), join(folder, name));
  writeTokenizer(folder, 512);
}

beforeAll(async () => {
  install('llamba-1b', 'llamba/q4g64-untied');
  install('llama-3.2-1b-instruct', 'llama/q4g64-tied');
  browser = await openBrowser();
  host = await startHostOn(data, '--model', 'llamba-1b');
  ({ page } = await watchedPage(browser));
  await page.goto(host.address);
  await page.locator('button[aria-label="Send"]').waitFor();
  await page.keyboard.press('Control+3');
  await page.getByLabel('Llamba', { exact: true }).selectOption('llamba-1b');
});
afterAll(async () => {
  await browser?.close();
  await host?.stop();
  rmSync(data, { recursive: true, force: true });
});

test('a run of both fills its plots, is kept over a reload, and the chat has its model back', async () => {
  await page.getByRole('button', { name: 'once' }).click();
  await page.getByRole('button', { name: 'Compare', exact: true }).last().click();
  const dots = page
    .getByRole('figure', { name: 'Writing speed' })
    .locator('[role="slider"] circle[r="3.25"]');
  await expect.poll(() => dots.count(), { timeout: 30_000 }).toBe(6);
  await page.getByText(/^This machine: .+ \(CPU\)/).waitFor({ timeout: 30_000 });
  await page
    .getByText(/^After 4,096 tokens .+ has (all|\d\d %) of its speed and no more memory in use;/)
    .waitFor();
  await page.getByText('The same as a table').click();
  expect(await page.getByRole('table', { name: 'Figures over context' }).getByRole('row').count()).toBe(13);
  await page.reload();
  await page.locator('button[aria-label="Send"]').waitFor();
  await page.keyboard.press('Control+3');
  await page.getByText(/^This machine: .+ \(CPU\)/).waitFor();
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('llamba-1b');
});

test('both answer one prompt, and each counts its own', async () => {
  await page.getByLabel('Llamba', { exact: true }).selectOption('llamba-1b');
  await page.getByRole('button', { name: 'Side by side' }).click();
  await page.getByLabel('A question to both').fill('Hi');
  await page.getByRole('button', { name: 'Ask both' }).click();
  await page.getByText('Both have answered.').waitFor({ state: 'attached', timeout: 30_000 });
  for (const answer of await page.locator('[data-answer="done"]').all()) {
    expect(await answer.textContent()).toMatch(/Tokens[1-9]\d*Writing.+State.+First token after\d/);
  }
  expect(await page.locator('[data-answer="done"]').count()).toBe(2);
});
