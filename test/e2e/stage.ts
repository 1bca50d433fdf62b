/** A page over a double of core, fresh for each test. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Contract, EngineStatus, ReplyItem } from '../../electron/shared/contract.ts';
import type { Handlers } from '../../electron/shared/rpc.ts';
import { openBrowser, type Watched, watchedPage } from './browser.ts';
import { ChatPage } from './chat-page.ts';
import { coreDouble, type Double, session, turn } from './core-double.ts';

export interface Stage {
  watched: Watched;
  page: Page;
  chat: ChatPage;
  /** Opens the page; `handlers` are what the test is about. */
  show(handlers?: Partial<Handlers<Contract>>, status?: EngineStatus): Promise<Double>;
}

/** Registers the hooks of the file that calls it; the parts of the stage are there once a test runs. */
export function setStage(): Stage {
  let browser: Browser;
  let double: Double | undefined;
  const stage = {
    async show(handlers?: Partial<Handlers<Contract>>, status?: EngineStatus) {
      double = await coreDouble(stage.page, handlers, status);
      await stage.page.goto(double.address);
      return double;
    },
  } as Stage;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    stage.watched = await watchedPage(browser);
    stage.page = stage.watched.page;
    stage.chat = new ChatPage(stage.page);
  });
  afterEach(async () => {
    double?.close();
    await stage.page.context().close();
  });
  return stage;
}

/** A core whose replies are what `write` emits; they end when `write` does. */
export const replying = (
  write: (emit: (item: ReplyItem) => void, signal: AbortSignal) => Promise<void>,
): Partial<Handlers<Contract>> => ({
  'sessions.create': async () => session(),
  'sessions.get': async () => session(turn('u', 'user', 'Hello'), turn('a', 'assistant', 'Hello you.')),
  'sessions.send': async ({ text }, { emit, signal }) => {
    emit({ type: 'turn', turn: turn('u', 'user', text) });
    emit({ type: 'turn', turn: turn('a', 'assistant', '') });
    await write(emit, signal);
    return session(turn('u', 'user', text), turn('a', 'assistant', 'Hello you.'));
  },
});

/** Resolves when the user stops the reply. */
export const until = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));

/** How far, in px, the conversation is from its end. */
export const rest = (page: Page) =>
  page
    .getByRole('region', { name: 'Conversation' })
    .evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight));
