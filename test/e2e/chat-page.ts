/** The chat page as a user sees it: what is on it by role and name, and the few things done again and again. */

import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

export class ChatPage {
  readonly page: Page;
  readonly message: Locator;
  readonly replies: Locator;
  readonly reply: Locator;
  readonly questions: Locator;
  readonly welcome: Locator;

  constructor(page: Page) {
    this.page = page;
    this.message = page.getByRole('textbox', { name: 'Message' });
    this.replies = page.locator('article[data-reply]');
    this.reply = this.replies.last();
    this.questions = page.locator('article:not([data-reply])');
    this.welcome = page.getByRole('heading', { name: 'What shall we write?' });
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** Opens the app and waits until the model is loaded. */
  async open(address: string) {
    await this.page.goto(address);
    await this.welcome.waitFor({ timeout: 30_000 });
  }

  /** Writes and sends by keyboard alone, once it can be sent. */
  async submit(text: string) {
    await this.message.fill(text);
    await this.page.locator('button[aria-label="Send"][aria-disabled="false"]').waitFor();
    await this.message.press('Enter');
  }

  /** The same, until core has taken it. */
  async send(text: string) {
    await this.submit(text);
    await this.questions.last().getByText(text).waitFor();
  }

  /** Resolves once the last reply has at least `characters` and is still being written; for the endless model. */
  async writing(characters = 1) {
    expect(await this.answered(characters)).toBe('writing');
  }

  /** Resolves once the last reply has at least `characters` or is done, with which of the two. */
  async answered(characters = 1): Promise<'writing' | 'done'> {
    const state = await this.page.waitForFunction(
      (least) => {
        const stopping = document.querySelector('button[aria-label="Stop"]') !== null;
        const reply = [...document.querySelectorAll('article[data-reply]')].at(-1);
        const length = reply?.querySelector('[data-prose]')?.textContent?.length ?? 0;
        const state = reply?.getAttribute('data-reply');
        if (stopping) return state === 'writing' && length >= least && state;
        return state === 'done' && length > 0 && state;
      },
      characters,
      { timeout: 30_000 },
    );
    return (await state.jsonValue()) as 'writing' | 'done';
  }

  /** Ends the last reply, if it has not ended by itself. */
  async stop() {
    await this.page.keyboard.press('Escape');
    await this.finished();
  }

  /** Resolves once the last reply is finished, stopped or broken: the stop button is the send button again. */
  async finished() {
    await this.button('Send').waitFor({ timeout: 55_000 });
    expect(await this.reply.getAttribute('data-reply')).toBe('done');
  }

  async replyText(): Promise<string> {
    return (await this.reply.locator('[data-prose]').textContent()) ?? '';
  }

  hasFocus(field: Locator): Promise<boolean> {
    return field.evaluate((element) => element === document.activeElement);
  }
}
