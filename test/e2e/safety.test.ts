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
  const { refused, ran, directives } = await page.evaluate(async () => {
    const directives: string[] = [];
    const both = new Promise<void>((resolve) =>
      document.addEventListener('securitypolicyviolation', (event) => {
        if (directives.push(event.effectiveDirective) === 2) resolve();
      }),
    );
    const refused = await fetch('http://127.0.0.1:9/').then(
      () => false,
      () => true,
    );
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.head.append(script);
    await both;
    return { directives, refused, ran: 'ran' in window };
  });
  expect(directives.toSorted()).toEqual(['connect-src', 'script-src-elem']);
  expect({ refused, ran }).toEqual({ refused: true, ran: false });
  await page.context().close();
});
