/** The chat over the real headless host, engine and model. Tests build on one another, as a conversation does. */
import { describe, expect, test } from 'vitest';
import type { Watched } from './browser.ts';
import type { ChatPage } from './chat-page.ts';
import type { Host } from './host.ts';
import { openChat } from './open-chat.ts';

let host: Host;
let watched: Watched;
let chat: ChatPage;
openChat((opened) => {
  ({ host, watched, chat } = opened);
});

const long = 'Write a long story about a llama who crosses the Andes. Take your time.';
const figures = /^[\d,]+ tokens? read · [\d,]+ written · [\d.,]+ tokens\/s · first after [\d.,]+ m?s/;

describe('a conversation', () => {
  test('begins with the model named and the cursor in the message', async () => {
    await watched.page.getByRole('heading', { level: 1, name: /Llamba/ }).waitFor();
    await watched.page.getByText(/\d+ M parameters, 4-bit/).waitFor();
    expect(await chat.hasFocus(chat.message)).toBe(true);
    expect(await chat.button('Send').getAttribute('aria-disabled')).toBe('true');
  });

  test('streams a reply, and Esc stops it', async () => {
    await chat.send(long);
    await chat.writing(1);
    const early = await chat.replyText();
    await chat.writing(early.length + 40);
    expect((await chat.replyText()).startsWith(early.slice(0, 20))).toBe(true);
    await watched.page.keyboard.press('Escape');
    await chat.finished();
    const stopped = await chat.replyText();
    await chat.reply.getByText('It was stopped here.').waitFor();
    expect(stopped.length).toBeGreaterThan(early.length);
    expect(await chat.hasFocus(chat.message)).toBe(true);
  });

  test('says what the reply cost, each figure with its unit', async () => {
    const cost = chat.reply.getByRole('list', { name: 'What this reply cost' }).getByRole('listitem');
    expect((await cost.allTextContents()).join(' · ')).toMatch(figures);
  });

  test('copies the reply', async () => {
    await chat.reply.getByRole('button', { name: 'Copy reply' }).click();
    await chat.reply.getByRole('button', { name: 'Copied' }).waitFor();
    const copied = await watched.page.evaluate(() => navigator.clipboard.readText());
    expect(copied.slice(0, 12)).toBe((await chat.replyText()).slice(0, 12));
  });

  test('writes another reply beside the last one, by keyboard, and goes back to the first', async () => {
    const first = await chat.replyText();
    const retry = chat.reply.getByRole('button', { name: 'Write another reply' });
    await retry.focus();
    await watched.page.keyboard.press('Enter');
    await chat.writing(20);
    expect(await chat.questions.count()).toBe(1);
    expect(await chat.replies.count()).toBe(1);
    await chat.button('Stop').click();
    await chat.finished();
    await chat.reply.getByText('nothing read again').waitFor();
    await chat.reply.getByText('2/2').waitFor();
    await chat.reply.getByRole('button', { name: 'Previous version' }).click();
    await chat.reply.getByText('1/2').waitFor();
    expect(await chat.replyText()).toBe(first);
  });

  test('goes on with a second message, which is brought into view', async () => {
    await chat.send('And what did the llama eat?');
    await chat.answered();
    expect(await chat.questions.count()).toBe(2);
    expect(await chat.questions.last().isVisible()).toBe(true);
    await chat.stop();
    expect(await chat.replies.count()).toBe(2);
  });

  test('is still there after a reload, and goes on', async () => {
    const before = await watched.page.locator('article').allTextContents();
    await watched.page.reload();
    await chat.replies.nth(1).waitFor();
    expect(await watched.page.locator('article').allTextContents()).toEqual(before);
    await chat.send('Thank you.');
    await chat.answered();
    await chat.stop();
    expect(await chat.replies.count()).toBe(3);
  });

  test('reloaded in the middle of a reply keeps what was written, and goes on', async () => {
    await chat.send(long);
    await chat.writing(40);
    const written = await chat.replyText();
    await watched.page.reload();
    await chat.reply.getByText('It was stopped here.').waitFor();
    const kept = await chat.replyText();
    expect(kept.startsWith(written.slice(0, 20))).toBe(true);
    await chat.reply.getByRole('button', { name: 'Continue' }).click();
    await chat.writing(kept.length + 20);
    await chat.stop();
    expect((await chat.replyText()).startsWith(kept.slice(0, 20))).toBe(true);
  });

  test('ends with a new chat: empty, and ready for typing', async () => {
    await watched.page.keyboard.press('Control+Shift+O');
    await chat.welcome.waitFor();
    expect(await watched.page.locator('article').count()).toBe(0);
    await watched.page.keyboard.type('x');
    expect(await chat.message.inputValue()).toBe('x');
    await chat.message.fill('');
  });

  test('takes another system prompt before the first message', async () => {
    await watched.page.getByText('System prompt').click();
    const field = watched.page.getByRole('textbox', { name: 'System prompt' });
    expect(await field.inputValue()).not.toBe('');
    await field.fill('You are a poet.');
    await chat.button('What makes a good friend?').click();
    await chat.answered();
    await chat.stop();
  });
});

describe('beside the conversation', () => {
  test('memory and speed are shown live, with units', async () => {
    const panel = watched.page.getByRole('complementary', { name: 'Model and machine' });
    const memory = panel.getByRole('region', { name: 'Memory' });
    await memory.getByText(/(throughout|Between .*) (in )?the last \d+ (s|min)/).waitFor();
    const parts = await memory.locator('dd').allTextContents();
    expect(parts).toHaveLength(4);
    for (const part of parts) expect(part).toMatch(/^[\d.,]+ [KMG]iB$/);
    const speed = await panel.getByRole('region', { name: 'Speed' }).locator('dd').allTextContents();
    expect(speed[0]).toMatch(/^[\d.,]+ tokens\/s$/);
  });

  test('the panel comes and goes by key', async () => {
    const panel = watched.page.getByRole('complementary', { name: 'Model and machine' });
    await watched.page.keyboard.press('Control+i');
    await panel.waitFor({ state: 'detached' });
    await watched.page.keyboard.press('Control+i');
    await panel.waitFor();
  });

  test('appearance follows the system until it is chosen, and the choice is kept', async () => {
    const paper = () => watched.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await watched.page.emulateMedia({ colorScheme: 'light' });
    const light = await paper();
    await watched.page.emulateMedia({ colorScheme: 'dark' });
    const dark = await paper();
    expect(dark).not.toBe(light);
    await chat.button('Appearance: as the system').click();
    expect(await paper()).toBe(light);
    await watched.page.reload();
    await chat.button('Appearance: light').waitFor();
    expect(await paper()).toBe(light);
  });

  test('nothing left the origin, and the console is clean', () => {
    const outside = watched.requests.filter((url) => new URL(url).host !== new URL(host.origin).host);
    expect(outside).toEqual([]);
    expect(watched.requests.length).toBeGreaterThan(3);
    expect(watched.errors).toEqual([]);
  });
});
