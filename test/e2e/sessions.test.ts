/** Sessions over the real host, engine and model: branches, edits, the library, what survives. Tests build on one another. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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
  watched.page.setDefaultTimeout(8000);
});

const library = () => watched.page.getByRole('complementary', { name: 'Library' });
const row = (title: string | RegExp) => library().locator('[data-row]').filter({ hasText: title });
const newChat = () => library().getByRole('button', { name: 'New chat', exact: true });
const ask = async (text: string) => {
  await chat.send(text);
  await chat.writing(20);
  await chat.stop();
};

describe('branches', () => {
  test('a message edited is sent anew; the first version is still there', async () => {
    await ask('Tell me about apples.');
    const first = await chat.replyText();
    await chat.questions.last().hover();
    await chat.questions.last().getByRole('button', { name: 'Edit message' }).click();
    const field = watched.page.getByRole('textbox', { name: 'Edit message' });
    expect(await chat.hasFocus(field)).toBe(true);
    await field.fill('Tell me about pears.');
    await field.press('Control+Enter');
    await chat.questions.getByText('Tell me about pears.').waitFor();
    await chat.writing(20);
    await chat.stop();
    expect(await chat.questions.count()).toBe(1);
    await chat.questions.getByText('2/2').waitFor();
    await chat.questions.getByRole('button', { name: 'Previous version' }).click();
    await chat.questions.getByText('Tell me about apples.').waitFor();
    expect(await chat.replyText()).toBe(first);
  });

  test('a reply is put into other words, and the model goes on from those', async () => {
    await chat.reply.getByRole('button', { name: 'Edit reply' }).click();
    const field = watched.page.getByRole('textbox', { name: 'Edit reply' });
    await field.fill('Apples are round.');
    await watched.page.getByRole('button', { name: 'Save', exact: true }).click();
    await chat.reply.getByText('Your words').waitFor();
    await chat.reply.getByText('2/2').waitFor();
    await ask('What shape are they?');
    expect(await chat.questions.count()).toBe(2);
  });

  test('a reply deleted with all below it comes back by key', async () => {
    const first = chat.replies.first();
    await first.hover();
    await first.getByRole('button', { name: 'Delete reply and what follows' }).click();
    await watched.page.getByText('Reply deleted').waitFor();
    await expect.poll(() => chat.questions.count()).toBe(1);
    await watched.page.getByRole('region', { name: 'Conversation' }).focus();
    await watched.page.keyboard.press('Control+z');
    await chat.questions.getByText('What shape are they?').waitFor();
  });

  test('a new chat forked from a reply has the turns up to it', async () => {
    const first = chat.replies.first();
    await first.hover();
    await first.getByRole('button', { name: 'New chat from here' }).click();
    await expect.poll(() => chat.questions.count()).toBe(1);
    await chat.reply.getByText('Apples are round.').waitFor();
    expect(await library().locator('[data-row]').count()).toBe(2);
  });
});

describe('the library', () => {
  test('renames by key and pins by menu', async () => {
    await library().locator('[data-row][aria-current]').focus();
    await watched.page.keyboard.press('F2');
    await watched.page.getByRole('textbox', { name: /^Name of/ }).fill('Orchard');
    await watched.page.keyboard.press('Enter');
    await row('Orchard').waitFor();
    await row('Orchard').click({ button: 'right' });
    await watched.page.getByRole('menuitem', { name: 'Pin' }).click();
    await library().getByRole('heading', { name: 'Pinned' }).waitFor();
  });

  test('finds what was said and opens the chat there', async () => {
    await newChat().click();
    await chat.welcome.waitFor();
    await watched.page.keyboard.press('Control+k');
    await watched.page.keyboard.type('shape');
    const found = library().getByRole('button', { name: 'What shape are they?' });
    await found.first().click(); // the reply may say the word too
    await chat.questions.getByText('What shape are they?').waitFor();
    await library().getByRole('searchbox').fill('');
  });

  test('archives, and takes out of the archive', async () => {
    await row('Orchard').click({ button: 'right' });
    await watched.page.getByRole('menuitem', { name: 'Archive' }).click();
    await expect.poll(() => row('Orchard').count()).toBe(0);
    await library().getByRole('button', { name: 'Archive' }).click();
    await row('Orchard').click({ button: 'right' });
    await watched.page.getByRole('menuitem', { name: 'Take out of the archive' }).click();
    await library().getByRole('button', { name: 'All chats' }).click();
    await row('Orchard').waitFor();
  });

  test('moves a chat into a new folder', async () => {
    await row('Orchard').click({ button: 'right' });
    await watched.page.getByRole('menuitem', { name: 'Unpin' }).click();
    await row('Orchard').click({ button: 'right' });
    await watched.page.getByRole('menuitem', { name: 'Move to' }).click();
    await watched.page.getByRole('menuitem', { name: 'New folder' }).click();
    await row(/^New folder1$/).waitFor();
  });

  test('exports a chat and takes it in again', async () => {
    await row('Orchard').click({ button: 'right' });
    await watched.page.getByRole('menuitem', { name: 'Export' }).click();
    const [download] = await Promise.all([
      watched.page.waitForEvent('download'),
      watched.page.getByRole('menuitem', { name: '.llamba, with its states' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/Orchard.*\.llamba$/);
    const file = join(host.data, 'exported.llamba');
    await download.saveAs(file);
    await library().getByLabel('Files to import').setInputFiles(file);
    await expect.poll(() => row('Orchard').count()).toBe(2);
    await chat.reply.getByText('Apples are round.').waitFor();
  });

  test('deletes by key, and undo brings it back', async () => {
    await row('Orchard').first().focus();
    await watched.page.keyboard.press('Delete');
    await expect.poll(() => row('Orchard').count()).toBe(1);
    await watched.page.getByRole('button', { name: /Undo/ }).click();
    await expect.poll(() => row('Orchard').count()).toBe(2);
  });
});

describe('what is typed and written', () => {
  test('two chats are written at once while one is looked at', async () => {
    await newChat().click();
    await chat.send('Describe a river.');
    await chat.writing(10);
    await newChat().click();
    await chat.send('Describe a desert.');
    await chat.writing(10);
    expect(await library().getByText(', being written').count()).toBe(2);
    await chat.stop();
    await row(', being written').click();
    await chat.questions.getByText('Describe a river.').waitFor();
    const before = (await chat.replyText()).length;
    await chat.writing(before + 20);
    await chat.stop();
  });

  test('a draft survives a reload', async () => {
    await chat.message.fill('half a thought');
    await watched.page.reload();
    await chat.questions.getByText('Describe a river.').waitFor();
    expect(await chat.message.inputValue()).toBe('half a thought');
    await chat.message.fill('');
  });

  test('a private chat leaves nothing in the folder of data', async () => {
    await chat.button('New private chat, kept nowhere').click();
    await watched.page.getByText('nothing of it is kept').waitFor();
    await ask('My secret word is xylophone.');
    await row('Not kept').waitFor();
    const files = readdirSync(host.data, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      expect(readFileSync(join(file.parentPath, file.name)).includes('xylophone'), file.name).toBe(false);
    }
  });

  test('nothing went wrong on the page', () => {
    expect(watched.errors).toEqual([]);
  });
});
