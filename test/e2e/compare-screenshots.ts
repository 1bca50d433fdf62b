/**
 * Writes docs/compare-light.png and docs/compare-dark.png from the real app: the embedded Llamba and its twin, measured now,
 * so on a quiet machine. The twin has to be in the data folder F (`LLAMBA_DATA=F npx llamba models add-twin`):
 * `npx vite build && LLAMBA_CHROMIUM=$(command -v chromium) node test/e2e/compare-screenshots.ts F` under Node 24.
 */
import { fileURLToPath } from 'node:url';
import { openBrowser, watchedPage } from './browser.ts';
import { startHostOn } from './host.ts';

const [data] = process.argv.slice(2);
if (!data) throw new Error('Name the data folder that has the twin.');

/** A run with its batches, ms; on a busy machine it takes its time. */
const runTimeout = 580_000;

const browser = await openBrowser();
const host = await startHostOn(data);
try {
  const { page } = await watchedPage(browser, {
    viewport: { width: 1280, height: 960 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
  });
  await page.goto(host.address);
  await page.locator('button[aria-label="Send"]').waitFor();
  await page.keyboard.press('Control+3');
  // Without library and panel there is room for two plots beside each other.
  await page.keyboard.press('Control+b');
  await page.keyboard.press('Control+i');
  const compare = page.getByRole('main').getByRole('button', { name: 'Compare', exact: true });
  await compare.waitFor();
  await compare.and(page.locator('[aria-disabled="false"]')).waitFor();
  await compare.click();
  await page.getByRole('button', { name: 'Cancel', exact: true }).first().waitFor();
  await compare.and(page.locator('[aria-disabled="false"]')).waitFor({ timeout: runTimeout });
  await page.mouse.move(0, 0);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const path = fileURLToPath(new URL(`../../docs/compare-${colorScheme}.png`, import.meta.url));
    await page.screenshot({ path });
  }
} finally {
  await browser.close();
  await host.stop();
}
