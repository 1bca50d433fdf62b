/** The served page keeps to itself: its policy holds in a real browser, and without the token nobody is let in. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, watchedPage } from './browser.ts';
import { ChatPage } from './chat-page.ts';
import { type Host, startHost } from './host.ts';

let host: Host;
let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
  host = await startHost();
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
});

test('a page without the right token is told so, and does not go on trying', async () => {
  const { page, requests } = await watchedPage(browser);
  await page.goto(`${host.origin}/#token=wrong`);
  await page.getByRole('alert').getByText('This page belongs to an earlier start of Llamba.').waitFor();
  expect(requests.filter((url) => url.startsWith('ws:'))).toHaveLength(1);
  await page.getByRole('button', { name: 'Reconnect' }).click();
  await expect.poll(() => requests.filter((url) => url.startsWith('ws:')).length).toBe(2);
  await page.getByRole('alert').getByText('This page belongs to an earlier start of Llamba.').waitFor();
  await page.context().close();
});

test('the policy stops requests to elsewhere and inline scripts', async () => {
  const { page } = await watchedPage(browser);
  const chat = new ChatPage(page);
  await chat.open(host.address);
  const stopped = await page.evaluate(async () => {
    const directives: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) =>
      directives.push(event.effectiveDirective),
    );
    const refused = await fetch('http://127.0.0.1:9/').then(
      () => false,
      () => true,
    );
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.head.append(script);
    await new Promise(requestAnimationFrame);
    return { directives, refused, ran: 'ran' in window };
  });
  expect(stopped).toEqual({ directives: ['connect-src', 'script-src-elem'], refused: true, ran: false });
  await page.context().close();
});
