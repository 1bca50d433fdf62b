/** What the page shows in every state that matters, with core played by a double. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Contract, EngineStatus, ReplyItem } from '../../electron/shared/contract.ts';
import { AppError } from '../../electron/shared/errors.ts';
import type { Handlers } from '../../electron/shared/rpc.ts';
import { openBrowser, type Watched, watchedPage } from './browser.ts';
import { ChatPage } from './chat-page.ts';
import { coreDouble, type Double, metrics, model, turn } from './core-double.ts';

let browser: Browser;
let watched: Watched;
let page: Page;
let chat: ChatPage;
let double: Double | undefined;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  watched = await watchedPage(browser);
  page = watched.page;
  chat = new ChatPage(page);
});
afterEach(async () => {
  double?.close();
  await page.context().close();
});

async function show(handlers?: Partial<Handlers<Contract>>, status?: EngineStatus) {
  double = await coreDouble(page, handlers, status);
  await page.goto(double.address);
  return double;
}

const session = (...turns: ReturnType<typeof turn>[]) => ({ id: 's', system: null, turns, writing: false });

/** A core whose replies are what `write` emits; they end when `write` does. */
const replying = (
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
const until = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));

describe('before the first message', () => {
  test('loading says what and how far, takes text already, and sends it once it can', async () => {
    const core = await show(
      replying(async () => undefined),
      { phase: 'loading', model: 'Llamba-135M', done: 30, total: 120 },
    );
    const bar = page.getByRole('progressbar', { name: 'Loading Llamba-135M, 25 %' });
    await bar.waitFor();
    expect(await bar.getAttribute('aria-valuenow')).toBe('25');
    await chat.message.fill('Hello');
    await chat.message.press('Enter');
    expect(await chat.message.inputValue()).toBe('Hello');
    await page.getByText('The model is being loaded.').waitFor();
    core.emit('engine.status', { phase: 'ready', model });
    await chat.welcome.waitFor();
    await chat.message.press('Enter');
    await chat.reply.getByText('Hello you.').waitFor();
  });

  test('a failed engine says why, what to do, and can be started again', async () => {
    const loaded: string[] = [];
    const core = await show(
      {
        'models.list': async () => [{ id: 'm', name: 'M', path: '', weightBytes: 1, embedded: true }],
        'models.load': async ({ id }) => {
          loaded.push(id);
          return model;
        },
      },
      {
        phase: 'failed',
        error: { code: 'model-invalid', message: 'config.json is not JSON.', hint: 'Clone the model again.' },
      },
    );
    const told = page.getByRole('alert');
    await told.getByText('config.json is not JSON.').waitFor();
    await told.getByText('Clone the model again.').waitFor();
    await chat.button('Try again').click();
    await expect.poll(() => loaded).toEqual(['m']);
    core.emit('engine.status', { phase: 'ready', model });
    await chat.welcome.waitFor();
  });
});

describe('a reply', () => {
  test('while a long prompt is read, says how much of it', async () => {
    await show(
      replying(async (emit, signal) => {
        emit({ type: 'prefill', done: 1240, total: 8000 });
        await until(signal);
      }),
    );
    await chat.message.fill('x');
    await chat.message.press('Enter');
    await page.getByRole('progressbar', { name: 'Reading 1,240 of 8,000 tokens' }).waitFor();
    await page.keyboard.press('Escape');
    await chat.finished();
  });

  test('is Markdown, and nothing in it becomes a request or markup of its own', async () => {
    const text =
      '# Title\n\n**bold** <b onclick="x">raw</b>\n\n![cat](https://example.org/cat.png)\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```js\nlet x = 1;\n```\n\n[bad](javascript:alert(1))';
    await show(
      replying(async (emit, signal) => {
        emit({ type: 'text', turnId: 'a', text, tokens: 40 });
        await until(signal);
      }),
    );
    await chat.message.fill('x');
    await chat.message.press('Enter');
    await chat.reply.getByRole('heading', { name: 'Title' }).waitFor();
    await chat.reply.getByRole('cell', { name: '2' }).waitFor();
    await chat.reply.getByText('<b onclick="x">raw</b>').waitFor();
    await chat.reply.getByText('[picture: cat]').waitFor();
    expect(await chat.reply.getByText('bad', { exact: true }).getAttribute('href')).not.toMatch(/javascript/);
    await chat.reply.getByRole('button', { name: 'Copy code' }).click();
    await chat.reply.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('let x = 1;\n');
    expect(watched.requests.filter((url) => url.includes('example.org'))).toEqual([]);
    expect(watched.errors).toEqual([]);
  });

  test('that core refuses gives the message back, with the reason', async () => {
    await show({
      'sessions.create': async () => session(),
      'sessions.send': async () => {
        throw new AppError('disk-full', 'The disk is full.', 'Free some space.');
      },
    });
    await chat.message.fill('Hello');
    await chat.message.press('Enter');
    await page.getByRole('alert').getByText('Free some space.').waitFor();
    expect(await chat.message.inputValue()).toBe('Hello');
    await chat.button('Dismiss').click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  test('is announced in finished sentences, once each, and its end is said', async () => {
    let more: (text: string) => void = () => undefined;
    let end: () => void = () => undefined;
    await show(
      replying(async (emit) => {
        more = (text) => emit({ type: 'text', turnId: 'a', text, tokens: 1 });
        await new Promise<void>((resolve) => {
          end = resolve;
        });
      }),
    );
    await chat.welcome.waitFor();
    const region = page.locator('[aria-live="polite"]');
    await chat.send('x');
    await chat.button('Stop').waitFor();
    more('It **rains**. The');
    await expect.poll(() => region.textContent()).toBe('It rains.');
    more(' street is');
    await chat.reply.getByText('street is').waitFor();
    expect(await region.textContent()).toBe('It rains.');
    more(' wet.\n');
    await expect.poll(() => region.textContent()).toBe('The street is wet.');
    more('Hel');
    end();
    await chat.reply.getByText('Hello you.').waitFor();
    await expect.poll(() => region.textContent()).toMatch(/End of the reply\.$/);
  });

  test('is followed while it grows, until the reader scrolls up', async () => {
    let more: (text: string) => void = () => undefined;
    await show(
      replying(async (emit, signal) => {
        more = (text) => emit({ type: 'text', turnId: 'a', text, tokens: 1 });
        await until(signal);
      }),
    );
    await chat.message.fill('x');
    await chat.message.press('Enter');
    await chat.button('Stop').waitFor();
    const rest = () =>
      page
        .getByRole('region', { name: 'Conversation' })
        .evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight));
    const paragraphs = (from: number) =>
      Array.from({ length: 40 }, (_, i) => `Paragraph ${from + i}.\n\n`).join('');
    more(paragraphs(0));
    await chat.reply.getByText('Paragraph 39.').waitFor();
    await expect.poll(rest).toBe(0);
    await page.getByRole('region', { name: 'Conversation' }).hover();
    await page.mouse.wheel(0, -500);
    await chat.button('Go to the end').waitFor();
    const before = await rest();
    more(paragraphs(40));
    await chat.reply.getByText('Paragraph 79.').waitFor({ state: 'attached' });
    await expect.poll(rest).toBeGreaterThan(before);
    await chat.button('Go to the end').click();
    await expect.poll(rest).toBe(0);
    await chat.button('Go to the end').waitFor({ state: 'detached' });
  });
});

describe('the connection', () => {
  test('that breaks is told, keeps the text, and comes back by itself', async () => {
    const core = await show(replying(async (_emit, signal) => until(signal)));
    await chat.message.fill('Hello');
    await chat.message.press('Enter');
    await chat.button('Stop').waitFor();
    await core.breakOff();
    await page.getByText('The connection to Llamba was lost.').waitFor();
    await chat.questions.getByText('Hello').waitFor();
    await page.getByText('The connection to Llamba was lost.').waitFor({ state: 'detached' });
    expect(core.connections()).toBe(2);
    // What core holds of the session is what is shown.
    await chat.reply.getByText('Hello you.').waitFor();
  });

  test('to a core that was started anew leaves the old text to be read and begins a new session', async () => {
    let known = true;
    const core = await show({
      ...replying(async () => undefined),
      'sessions.get': async () => {
        if (known) return session(turn('u', 'user', 'Hello'), turn('a', 'assistant', 'Hello you.'));
        throw new AppError('state-not-found', 'There is no such conversation.', 'Begin a new one.');
      },
    });
    await chat.message.fill('Hello');
    await chat.message.press('Enter');
    await chat.reply.getByText('Hello you.').waitFor();
    known = false;
    await core.breakOff();
    await page.getByText('no longer holds this conversation').waitFor();
    await chat.reply.getByText('Hello you.').waitFor();
    await chat.send('Again');
    await chat.finished();
    expect(await chat.questions.count()).toBe(1);
  });
});

test('memory is told in words beside the plot, and the plot is hidden from screen readers', async () => {
  const core = await show();
  await chat.welcome.waitFor();
  for (let i = 0; i <= 240; i++) core.emit('metrics', metrics(i * 250, (200 + (i % 2)) * 2 ** 20));
  await page.getByText('Between 200 MiB and 201 MiB in the last 60 s.').waitFor();
  await page.getByRole('region', { name: 'Memory' }).getByText('5.0 MiB', { exact: true }).waitFor();
  expect(
    await page
      .locator('aside svg')
      .evaluateAll((plots) => plots.every((plot) => plot.closest('[aria-hidden]'))),
  ).toBe(true);
});

test('a chat of a thousand turns opens and goes on at its end', async () => {
  const turns = Array.from({ length: 1000 }, (_, i) =>
    i % 2 === 0
      ? turn(`t${i}`, 'user', `Question ${i}`)
      : turn(
          `t${i}`,
          'assistant',
          `Some **Markdown** with\n\n- a list\n- of two\n\nand an end, number ${i}.`,
        ),
  );
  await page.addInitScript(() => sessionStorage.setItem('llamba.session', 's'));
  await show({ 'sessions.get': async () => session(...turns) });
  await chat.reply.getByText('number 999.').waitFor();
  const rest = () =>
    page
      .getByRole('region', { name: 'Conversation' })
      .evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight));
  await expect.poll(rest).toBe(0);
  expect(await chat.reply.getByText('number 999.').isVisible()).toBe(true);
});
