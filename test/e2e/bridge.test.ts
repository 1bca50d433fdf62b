/** The same page over the preload's bridge instead of a socket, as Electron gives it. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Contract } from '../../electron/shared/contract.ts';
import { serve } from '../../electron/shared/rpc.ts';
import { openBrowser, watchedPage } from './browser.ts';
import { ChatPage } from './chat-page.ts';
import { coreDouble, info, model, session, storage, turn } from './core-double.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

test('frames go by the bridge, no socket is opened, and the shell is asked for theme and links', async () => {
  const { page } = await watchedPage(browser);
  const double = await coreDouble(page);
  const asked: unknown[] = [];
  const listeners: ((frame: unknown) => void)[] = [];
  const said = turn('a', 'assistant', 'See [the paper](https://arxiv.org/abs/2502.14458).');
  serve<Contract>(
    {
      post: (frame) =>
        void page.evaluate((sent) => window.dispatchEvent(new CustomEvent('frame', { detail: sent })), frame),
      onFrame: (listener) => void listeners.push(listener),
      onClose: () => undefined,
    },
    {
      'app.info': async () => ({ ...info, host: 'electron' }),
      'engine.status': async () => ({ phase: 'ready', model }),
      'storage.get': async () => storage,
      'sessions.list': async () => ({ sessions: [], folders: [], presets: [], draft: '' }),
      'sessions.get': async () => session(said),
      'shell.theme': async ({ theme }) => {
        asked.push(theme);
        return {};
      },
      'shell.openExternal': async ({ url }) => {
        asked.push(url);
        return {};
      },
    },
  );
  await page.exposeFunction('postFrame', (frame: unknown) => {
    for (const listener of listeners) listener(frame);
  });
  await page.addInitScript(() => {
    localStorage.setItem('llamba.session', 's');
    localStorage.setItem('llamba.theme', 'dark');
    const { postFrame } = window as unknown as { postFrame(frame: unknown): void };
    Object.assign(window, {
      llamba: {
        host: 'electron',
        post: postFrame,
        subscribe: (onFrame: (frame: unknown) => void) =>
          window.addEventListener('frame', (event) => onFrame((event as CustomEvent).detail)),
      },
    });
  });

  await page.goto(double.address);
  const chat = new ChatPage(page);
  await chat.reply.getByRole('link', { name: 'the paper' }).click();
  await expect.poll(() => asked).toEqual(['dark', 'https://arxiv.org/abs/2502.14458']);
  await chat.button('Appearance: dark').click();
  await expect.poll(() => asked.at(-1)).toBe('system');
  await page.keyboard.press('Control+n');
  await chat.welcome.waitFor();
  expect(double.connections()).toBe(0);
  expect(page.url()).toBe(double.address);
  double.close();
  await page.context().close();
});
