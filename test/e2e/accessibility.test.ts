/** axe finds nothing in either theme; a screen reader hears sentences; the keyboard reaches everything, visibly. */
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser, watchedPage } from './browser.ts';
import { ChatPage } from './chat-page.ts';
import { type Host, startHost } from './host.ts';

let host: Host;
let browser: Browser;

beforeAll(async () => {
  [host, browser] = await Promise.all([startHost(), openBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
});

/** Each violation with the first element that shows it. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const result = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
  return result.violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
  );
}

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test.each([1280, 480])('axe is content with every state of the page, %i px wide', async (width) => {
    const { page } = await watchedPage(browser, {
      colorScheme,
      reducedMotion: 'reduce',
      viewport: { width, height: 820 },
    });
    const chat = new ChatPage(page);
    await chat.open(host.address);
    await page.getByText('System prompt').click();
    expect(await violations(page)).toEqual([]);
    await chat.send('Give me three ideas as a list.');
    await chat.writing(5);
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await chat.finished();
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });
});

test('replies are announced in finished sentences, once each, and their end is said', async () => {
  const { page } = await watchedPage(browser);
  const chat = new ChatPage(page);
  await chat.open(host.address);
  await page.evaluate(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    const region = document.querySelector('[aria-live="polite"]');
    if (!region) throw new Error('no live region');
    new MutationObserver(() => said.push(region.textContent ?? '')).observe(region, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  await chat.send('Write two short sentences about rain.');
  await chat.writing(1);
  await page.waitForFunction(() => (window as unknown as { said: string[] }).said.length >= 2, undefined, {
    timeout: 50_000,
  });
  await page.keyboard.press('Escape');
  await chat.finished();
  await page.waitForFunction(() =>
    (window as unknown as { said: string[] }).said.at(-1)?.endsWith('End of the reply.'),
  );
  const said = await page.evaluate(() => (window as unknown as { said: string[] }).said);
  for (const sentence of said.slice(0, -1)) expect(sentence).toMatch(/[.!?…:"”)\w]$/);
  expect(new Set(said).size).toBe(said.length);
  await page.context().close();
});

test('every control is reached by Tab, shows its focus and has a name', async () => {
  const { page } = await watchedPage(browser);
  const chat = new ChatPage(page);
  await chat.open(host.address);
  await chat.message.focus();
  const seen = new Set<string>();
  for (;;) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      const ring = [element, element.parentElement].some(
        (at) => at && getComputedStyle(at).boxShadow !== 'none',
      );
      return { name: element.ariaLabel || element.textContent || '', ring, body: element === document.body };
    });
    if (focused.body || seen.has(focused.name)) break;
    expect(focused.name).not.toBe('');
    expect(focused.ring, focused.name).toBe(true);
    seen.add(focused.name);
  }
  expect([...seen].join('\n')).toMatch(/New chat/);
  expect(seen.size).toBeGreaterThanOrEqual(8);
  await page.context().close();
});

test('nothing moves for those who asked for stillness', async () => {
  const { page } = await watchedPage(browser, { reducedMotion: 'reduce' });
  const chat = new ChatPage(page);
  await chat.open(host.address);
  await chat.send('Tell me about the sea.');
  await chat.writing(1);
  const moving = await page.evaluate(
    () => document.getAnimations().filter((a) => a.playState === 'running').length,
  );
  expect(moving).toBe(0);
  await page.keyboard.press('Escape');
  await chat.finished();
  await page.context().close();
});
