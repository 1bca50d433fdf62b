/**
 * Writes docs/documents-light.png and docs/documents-dark.png from the real app with the real model, which reads
 * a text and is asked of it: `LLAMBA_CHROMIUM=$(command -v chromium) node test/e2e/documents-screenshots.ts`
 * under Node 24. Their colours were then reduced to 48, for their size.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openBrowser, watchedPage } from './browser.ts';
import { startHost } from './host.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const question = 'How many cases of provisions were left in the crevice of the rocks?';
const long = { timeout: 600_000 };

const browser = await openBrowser();
const host = await startHost();
try {
  const { page } = await watchedPage(browser, {
    deviceScaleFactor: 2,
    viewport: { width: 1280, height: 800 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
  });
  await page.goto(host.address);
  await page.getByRole('heading', { name: 'What shall we write?' }).waitFor(long);
  await page.keyboard.press('Control+2');
  await page.keyboard.press('Control+i');
  await page.getByLabel('Documents to add').setInputFiles({
    name: 'South.txt',
    mimeType: 'text/plain',
    buffer: readFileSync(here('../fixtures/prose/south.txt')),
  });
  await page.getByText(/^Read (\d+) of \1 pages$/).waitFor(long);
  await page.getByRole('button', { name: 'Ask', exact: true }).first().click();
  await page.getByRole('textbox', { name: 'Question' }).fill(question);
  await page.keyboard.press('Enter');
  await page.getByText(/First word after/).waitFor(long);
  console.log(await page.getByRole('region', { name: 'Questions' }).textContent());
  await page.getByRole('region', { name: 'Exact quotes' }).getByRole('button').first().click();
  await page.locator('mark').last().waitFor(long);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: here(`../../docs/documents-${colorScheme}.png`) });
  }
} finally {
  await browser.close();
  await host.stop();
}
