/** axe finds nothing in either theme; a screen reader hears sentences; the keyboard reaches everything, visibly. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser, watchedPage } from './browser.ts';
import { ChatPage } from './chat-page.ts';
import { endlessModel } from './endless-model.ts';
import { type Host, startHost } from './host.ts';
import { violations } from './violations.ts';

let host: Host;
let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
  host = await startHost('--model', endlessModel());
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
});

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
    await chat.answered();
    expect(await violations(page)).toEqual([]);
    await chat.stop();
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  test.each([1280, 480])(
    'axe is content with the library, its menus and the settings, %i px wide',
    async (width) => {
      const { page } = await watchedPage(browser, {
        colorScheme,
        reducedMotion: 'reduce',
        viewport: { width, height: 820 },
      });
      const chat = new ChatPage(page);
      await chat.open(host.address);
      await chat.send('Say something about rivers.');
      await chat.writing(40);
      await chat.stop();
      const library = page.getByRole('complementary', { name: 'Library' });
      const shown = async () => {
        if (!(await library.isVisible())) await page.keyboard.press('Control+b');
        await library.waitFor();
      };
      await shown();
      await chat.button('New folder').click();
      await page.getByRole('textbox', { name: /^Name of folder/ }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Enter');
      // The folder's row takes the focus back; only then is it given to another.
      await library.locator('[data-row]:focus').waitFor();
      const row = library.locator('[data-row][aria-current="page"]');
      await row.focus();
      await page.keyboard.press('Shift+F10');
      await page.getByRole('menuitem', { name: 'Delete' }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('menu').waitFor({ state: 'detached' });
      await library.getByRole('searchbox').fill('rivers');
      await library.locator('mark').first().waitFor();
      expect(await violations(page)).toEqual([]);
      await library.getByRole('searchbox').fill('');
      await row.focus();
      await page.keyboard.press('Delete');
      await page.getByRole('button', { name: /^Undo/ }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.getByRole('button', { name: /^Undo/ }).click();
      await chat.questions.last().waitFor();
      const panel = page.getByRole('complementary', { name: 'Model and machine' });
      if (!(await panel.isVisible())) await page.keyboard.press('Control+i');
      await panel.getByText('System line, sampling, presets').click();
      await panel.getByText('More about sampling').click();
      expect(await violations(page)).toEqual([]);
      if (width < 960) await page.keyboard.press('Control+i');
      await chat.reply.getByRole('button', { name: 'Edit reply' }).click();
      await page.getByRole('textbox', { name: 'Edit reply' }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.context().close();
    },
  );
});

test('every control is reached by Tab, has a name and looks different while it has the focus', async () => {
  const { page } = await watchedPage(browser, { reducedMotion: 'reduce' });
  const chat = new ChatPage(page);
  await chat.open(host.address);
  // How the focused element and the box around it look now; kept on the page to be compared once focus has moved on.
  const look = () =>
    page.evaluate(() => {
      const look = (element: Element) =>
        [element, element.parentElement ?? element].map((at) => {
          const { boxShadow, borderColor } = getComputedStyle(at);
          return boxShadow + borderColor;
        });
      const state = window as unknown as { last?: { element: Element; look: string[] } };
      const before = state.last;
      const element = document.activeElement ?? document.body;
      const shown = !before || String(look(before.element)) !== String(before.look);
      state.last = { element, look: look(element) };
      const label = (element as Partial<HTMLInputElement>).labels?.[0]?.textContent;
      return {
        name: element.ariaLabel || label || element.textContent,
        onPage: element !== document.body,
        shown,
      };
    });
  const seen: string[] = [];
  await look();
  for (let body = 0; body < 2; ) {
    await page.keyboard.press('Tab');
    const { name, onPage, shown } = await look();
    expect(shown, `focus of what comes before ${name}`).toBe(true);
    if (onPage) seen.push(name ?? '');
    else await page.evaluate(() => delete (window as { last?: unknown }).last);
    if (!onPage) body += 1;
  }
  for (const name of [
    'Message',
    'Send',
    'New chat',
    'Appearance: as the system',
    'Model and machine',
    'Conversation',
  ])
    expect(seen).toContain(name);
  expect(seen).not.toContain('');
  expect(new Set(seen).size).toBeGreaterThanOrEqual(9);
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
  await chat.stop();
  await page.context().close();
});
