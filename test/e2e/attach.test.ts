/** Documents attached to a message, with core played by a double. */
import { expect, test } from 'vitest';
import { composed } from '../../electron/shared/attachments.ts';
import type { Contract } from '../../electron/shared/contract.ts';
import type { Handlers } from '../../electron/shared/rpc.ts';
import { session, turn } from './core-double.ts';
import { entry, hebrew, library } from './document-shapes.ts';
import { setStage } from './stage.ts';
import { violations } from './violations.ts';

const stage = setStage();

type Sent = Contract['streams']['sessions.send']['params'];
const text = 'The sea rises twice a day.';

/** A core whose documents all have one text; `sent` collects what arrives. */
function attaching(sent: Sent[]): Partial<Handlers<Contract>> {
  return {
    ...library(entry(), hebrew),
    'sessions.create': async () => session(),
    'sessions.send': async (params, { emit }) => {
      sent.push(params);
      const documents = (params.documents ?? []).map(() => ({ title: 'A History of Tides', text }));
      const asked = turn('u', 'user', composed({ documents, text: params.text }));
      emit({ type: 'turn', turn: asked });
      return session(asked, turn('a', 'assistant', 'The moon.'));
    },
  };
}

test('is chosen by keyboard, shown, taken away, sent, and unfolded; an edit keeps it', async () => {
  const sent: Sent[] = [];
  await stage.show(attaching(sent));
  const { page, chat } = stage;
  const chosen = page.getByRole('list', { name: 'Attached documents' }).getByRole('listitem');
  const choose = async (title: string) => {
    await chat.button('Attach documents').press('Enter');
    await page.getByRole('menuitem', { name: title }).press('Enter');
    await chosen.filter({ hasText: title }).waitFor();
  };
  await chat.message.fill('Why?');
  await choose('A History of Tides');
  await choose(hebrew.title);
  await chat.button('Attach documents').press('Enter');
  await page.getByRole('menu', { name: 'Documents to attach' }).waitFor();
  expect(await violations(stage.page)).toEqual([]);
  await page.keyboard.press('Escape');
  expect(await chosen.count()).toBe(2);
  await page.getByText('840,000 characters of documents are read before the reply begins.').waitFor();
  await chat.button(`Remove ${hebrew.title}`).click();
  expect(await chosen.allTextContents()).toEqual([expect.stringContaining('A History of Tides312 pages')]);
  expect(await chat.hasFocus(chat.message)).toBe(true);

  await chat.message.press('Enter');
  await chat.finished();
  expect(sent).toEqual([{ session: 's', text: 'Why?', documents: ['tides'] }]);
  expect(await chosen.count()).toBe(0);
  expect(await chat.questions.getByRole('paragraph').allTextContents()).toEqual(['Why?']);
  const chip = chat.questions.getByRole('button', { name: 'A History of Tides 26 characters' });
  await chip.press('Enter');
  await page.getByRole('region', { name: 'Text of A History of Tides' }).getByText(text).waitFor();
  expect(await violations(stage.page)).toEqual([]);

  await chat.message.press('ArrowUp');
  expect(await chat.message.inputValue()).toBe('Why?');
  await chat.message.fill('');
  await chat.button('Edit message').click();
  const edited = page.getByRole('textbox', { name: 'Edit message' });
  expect(await edited.inputValue()).toBe('Why?');
  await page.getByRole('button', { name: 'A History of Tides 26 characters' }).waitFor();
  await edited.fill('When?');
  await edited.press('Control+Enter');
  await chat.questions.getByText('When?').waitFor();
  const documents = [{ title: 'A History of Tides', text }];
  expect(sent[1]?.text).toBe(composed({ documents, text: 'When?' }));
  expect(stage.watched.errors).toEqual([]);
});

test('stays for the next try when it could not be sent, and goes with the library, whose menu then leads to its page', async () => {
  const { page, chat } = stage;
  const documents = [entry()];
  const double = await stage.show({
    'documents.list': async () => ({ documents, stateBytes: 0, budgetBytes: 0 }),
    'sessions.create': async () => session(),
  });
  await chat.message.fill('Why?');
  await chat.button('Attach documents').click();
  await page.getByRole('menuitem', { name: 'A History of Tides' }).click();
  const chosen = page.getByRole('list', { name: 'Attached documents' });
  await chosen.waitFor();
  await chat.message.press('Enter');
  await page.getByRole('alert').waitFor();
  await chosen.getByRole('listitem').waitFor();
  expect(await chat.message.inputValue()).toBe('Why?');
  documents.length = 0;
  double.emit('document.gone', { document: 'tides' });
  await chosen.waitFor({ state: 'detached' });
  await chat.button('Attach documents').click();
  await page.getByRole('menuitem', { name: 'No documents yet: add one' }).click();
  await page.getByRole('heading', { name: 'Documents' }).waitFor();
});
