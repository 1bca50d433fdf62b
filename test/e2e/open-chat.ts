/** A real host with the endless model, a browser, and the chat opened in it: for all tests of one file. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { openBrowser, type Watched, watchedPage } from './browser.ts';
import { ChatPage } from './chat-page.ts';
import { endlessModel } from './endless-model.ts';
import { type Host, startHost } from './host.ts';

export interface OpenChat {
  readonly host: Host;
  readonly watched: Watched;
  readonly chat: ChatPage;
}

/** `onOpen` is called before the file's first test; everything is closed after its last. */
export function openChat(onOpen: (opened: OpenChat) => void) {
  let browser: Browser;
  let host: Host;
  beforeAll(async () => {
    browser = await openBrowser();
    host = await startHost('--model', endlessModel());
    const watched = await watchedPage(browser);
    const chat = new ChatPage(watched.page);
    await chat.open(host.address);
    onOpen({ host, watched, chat });
  });
  afterAll(async () => {
    await browser?.close();
    await host?.stop();
  });
}
