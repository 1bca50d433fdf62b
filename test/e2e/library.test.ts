/** A large library and a long session, with core played by a double. */
import { expect, test } from 'vitest';
import type { SessionSummary, Turn } from '../../electron/shared/contract.ts';
import { session, turn } from './shapes.ts';
import { setStage } from './stage.ts';

const stage = setStage();

const {
  turns: _none,
  system: _system,
  sampling: _sampling,
  preset: _preset,
  draft: _draft,
  ...one
} = session();
const summaries = (count: number): SessionSummary[] =>
  Array.from({ length: count }, (_, i) => ({
    ...one,
    id: `s${i}`,
    title: `Chat ${i}`,
    updatedAt: Date.now(),
  }));
const listOf = (sessions: SessionSummary[]) => async () => ({
  sessions,
  folders: [],
  presets: [],
  draft: '',
});

const conversation = (count: number): Turn[] =>
  Array.from({ length: count }, (_, i) =>
    turn(`t${i}`, i % 2 ? 'assistant' : 'user', `Said ${i}. ${'Word after word. '.repeat(20)}`, {
      parent: i === 0 ? null : `t${i - 1}`,
    }),
  );

test('of a thousand sessions only those in view are drawn, and the arrow keys go on beyond them', async () => {
  await stage.show({ 'sessions.list': listOf(summaries(1000)) });
  const rows = stage.page.locator('[data-row]');
  await rows.first().focus();
  expect(await rows.count()).toBeLessThan(80);
  const focused = () => stage.page.evaluate(() => document.activeElement?.textContent);
  // A key pressed before the next row is drawn waits for nobody: it is pressed again.
  while ((await focused()) !== 'Chat 150') await stage.page.keyboard.press('ArrowDown');
  expect(await rows.count()).toBeLessThan(80);
});

test('the search is left by arrow key for what it found, which opens where it was said', async () => {
  const turns = conversation(200);
  await stage.show({
    'sessions.list': listOf([one]),
    'sessions.search': async () => [
      {
        session: 's',
        title: 'Hello',
        turn: 't41',
        snippet: [
          { text: 'Said ', match: false },
          { text: '41', match: true },
        ],
        at: 0,
      },
    ],
    'sessions.get': async () => session(...turns),
  });
  await stage.chat.welcome.waitFor();
  await stage.page.keyboard.press('Control+k');
  await stage.page.keyboard.type('41');
  await stage.page.locator('mark').getByText('41').waitFor();
  await stage.page.keyboard.press('ArrowDown');
  await stage.page.keyboard.press('Enter');
  const found = stage.chat.replies.getByText('Said 41.');
  await found.waitFor();
  const { top, bottom, height } = await found.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return { top, bottom, height: innerHeight };
  });
  expect(top).toBeGreaterThanOrEqual(0);
  expect(bottom).toBeLessThanOrEqual(height);
  expect(await stage.page.locator('article').count()).toBeLessThan(30);
});

test('an edit begun is still there after scrolling far away and after another chat', async () => {
  const turns = conversation(200);
  await stage.show({
    'sessions.list': listOf([one, { ...one, id: 'other', title: 'Other' }]),
    'sessions.get': async ({ session: id }) =>
      id === 's' ? session(...turns) : { ...session(turn('o', 'user', 'Elsewhere')), id, title: 'Other' },
  });
  const open = (title: string) => stage.page.locator('[data-row]').filter({ hasText: title }).click();
  const field = stage.page.getByRole('textbox', { name: 'Edit message' });
  const scrollTo = (share: number) =>
    stage.page.getByRole('region', { name: 'Conversation' }).evaluate((box, share) => {
      box.scrollTop = share * box.scrollHeight;
    }, share);
  await open('Hello');
  await stage.chat.reply.getByText('Said 199.').waitFor();
  await stage.chat.questions.last().hover();
  await stage.chat.questions.last().getByRole('button', { name: 'Edit message' }).click();
  await field.fill('Half of another thought');
  await scrollTo(0);
  await stage.chat.questions.first().getByText('Said 0.').waitFor();
  await field.waitFor({ state: 'detached' });
  await scrollTo(1);
  await field.waitFor();
  expect(await field.inputValue()).toBe('Half of another thought');
  await open('Other');
  await stage.chat.questions.getByText('Elsewhere').waitFor();
  await open('Hello');
  await field.waitFor();
  expect(await field.inputValue()).toBe('Half of another thought');
});

test('an edited message is sent with what was being typed left alone, and comes back when it is refused', async () => {
  const asked = turn('u', 'user', 'Hello');
  await stage.show({
    'sessions.list': listOf([one]),
    'sessions.get': async () => session(asked, turn('a', 'assistant', 'Hello you.')),
    'sessions.send': async () => {
      throw new Error('no');
    },
  });
  await stage.page.locator('[data-row]').first().click();
  await stage.chat.reply.getByText('Hello you.').waitFor();
  await stage.chat.message.fill('A draft');
  await stage.chat.questions.first().hover();
  await stage.chat.questions.first().getByRole('button', { name: 'Edit message' }).click();
  const field = stage.page.getByRole('textbox', { name: 'Edit message' });
  await field.fill('Hello again');
  await field.press('Control+Enter');
  await expect.poll(() => stage.chat.message.inputValue()).toBe('Hello again\n\nA draft');
});
