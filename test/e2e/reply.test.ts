/** A reply in every state, with core played by a double. */
import { expect, test } from 'vitest';
import { AppError } from '../../electron/shared/errors.ts';
import { session, turn } from './core-double.ts';
import { replying, rest, setStage, until } from './stage.ts';

const stage = setStage();

test('while a long prompt is read, says how much of it', async () => {
  await stage.show(
    replying(async (emit, signal) => {
      emit({ type: 'prefill', done: 1240, total: 8000 });
      await until(signal);
    }),
  );
  await stage.chat.submit('x');
  await stage.page.getByRole('progressbar', { name: 'Reading 1,240 of 8,000 tokens' }).waitFor();
  await stage.page.keyboard.press('Escape');
  await stage.chat.finished();
});

test('is Markdown, and nothing in it becomes a request or markup of its own', async () => {
  const text =
    '# Title\n\n**bold** <b onclick="x">raw</b>\n\n![cat](https://example.org/cat.png)\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```js\nlet x = 1;\n```\n\n[bad](javascript:alert(1))';
  await stage.show(
    replying(async (emit, signal) => {
      emit({ type: 'text', turnId: 'a', text, tokens: 40 });
      await until(signal);
    }),
  );
  await stage.chat.submit('x');
  await stage.chat.reply.getByRole('heading', { name: 'Title' }).waitFor();
  await stage.chat.reply.getByRole('cell', { name: '2' }).waitFor();
  await stage.chat.reply.getByText('<b onclick="x">raw</b>').waitFor();
  await stage.chat.reply.getByText('[picture: cat]').waitFor();
  expect(await stage.chat.reply.getByText('bad', { exact: true }).getAttribute('href')).not.toMatch(
    /javascript/,
  );
  await stage.chat.reply.getByRole('button', { name: 'Copy code' }).click();
  await stage.chat.reply.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await stage.page.evaluate(() => navigator.clipboard.readText())).toBe('let x = 1;\n');
  expect(stage.watched.requests.filter((url) => url.includes('example.org'))).toEqual([]);
  expect(stage.watched.errors).toEqual([]);
});

test('stopped before its first word can be asked for again', async () => {
  const stats = {
    stopReason: 'cancelled' as const,
    promptTokens: 0,
    generatedTokens: 0,
    ttftMs: 0,
    prefillTokensPerSecond: null,
    decodeTokensPerSecond: null,
    stateBytes: 0,
    stateTokens: 0,
  };
  const asked = turn('u', 'user', 'Hello');
  await stage.show({
    ...replying(async () => undefined),
    'sessions.send': async (_params, { emit, signal }) => {
      emit({ type: 'turn', turn: asked });
      emit({ type: 'turn', turn: turn('a', 'assistant', '') });
      await until(signal);
      return session(asked, turn('a', 'assistant', '', { stats, status: 'cut' }));
    },
    'turns.reply': async (_params, { emit }) => {
      const siblings = ['a', 'b'];
      emit({ type: 'turn', turn: turn('b', 'assistant', '', { siblings }) });
      return session(asked, turn('b', 'assistant', 'Hello you.', { siblings }));
    },
  });
  await stage.chat.submit('Hello');
  await stage.chat.button('Stop').click();
  await stage.chat.reply.getByText('stopped by you').waitFor();
  await stage.chat.button('Write another reply').click();
  await stage.chat.reply.getByText('Hello you.').waitFor();
  expect(await stage.chat.replies.count()).toBe(1);
  await stage.chat.reply.getByText('2/2').waitFor();
});

test('to a long message folds the message, which can be unfolded', async () => {
  await stage.show(replying(async () => undefined));
  await stage.chat.submit(`Read this. ${'word '.repeat(1000)} The end.`);
  const unfold = stage.chat.button('Show all 5,020 characters');
  await unfold.waitFor();
  expect(await stage.chat.questions.getByText('The end.').count()).toBe(0);
  await unfold.click();
  await stage.chat.questions.getByText('The end.').waitFor();
});

test('that core refuses gives the message back, with the reason', async () => {
  await stage.show({
    'sessions.create': async () => session(),
    'sessions.get': async () => session(),
    'sessions.send': async () => {
      throw new AppError('disk-full', 'The disk is full.', 'Free some space.');
    },
  });
  await stage.chat.submit('Hello');
  await stage.page.getByRole('alert').getByText('Free some space.').waitFor();
  expect(await stage.chat.message.inputValue()).toBe('Hello');
  await stage.chat.button('Dismiss').click();
  await stage.page.getByRole('alert').waitFor({ state: 'detached' });
});

test('is announced in finished sentences, once each, and its end is said', async () => {
  let more: (text: string) => void = () => undefined;
  let end: () => void = () => undefined;
  await stage.show(
    replying(async (emit) => {
      more = (text) => emit({ type: 'text', turnId: 'a', text, tokens: 1 });
      await new Promise<void>((resolve) => {
        end = resolve;
      });
    }),
  );
  await stage.chat.welcome.waitFor();
  const region = stage.page.locator('[aria-live="polite"]');
  await stage.chat.send('x');
  await stage.chat.button('Stop').waitFor();
  more('It **rains**. The');
  await expect.poll(() => region.textContent()).toBe('It rains.');
  more(' street is');
  await stage.chat.reply.getByText('street is').waitFor();
  expect(await region.textContent()).toBe('It rains.');
  more(' wet.\n');
  await expect.poll(() => region.textContent()).toBe('The street is wet.');
  more('Hel');
  end();
  await stage.chat.reply.getByText('Hello you.').waitFor();
  await expect.poll(() => region.textContent()).toMatch(/End of the reply\.$/);
});

test('is followed while it grows, until the reader scrolls up', async () => {
  let more: (text: string) => void = () => undefined;
  await stage.show(
    replying(async (emit, signal) => {
      more = (text) => emit({ type: 'text', turnId: 'a', text, tokens: 1 });
      await until(signal);
    }),
  );
  await stage.chat.submit('x');
  await stage.chat.button('Stop').waitFor();
  const paragraphs = (from: number) =>
    Array.from({ length: 40 }, (_, i) => `Paragraph ${from + i}.\n\n`).join('');
  more(paragraphs(0));
  await stage.chat.reply.getByText('Paragraph 39.').waitFor();
  await expect.poll(() => rest(stage.page)).toBe(0);
  await stage.page.getByRole('region', { name: 'Conversation' }).hover();
  await stage.page.mouse.wheel(0, -500);
  await stage.chat.button('Go to the end').waitFor();
  const before = await rest(stage.page);
  more(paragraphs(40));
  await stage.chat.reply.getByText('Paragraph 79.').waitFor({ state: 'attached' });
  await expect.poll(() => rest(stage.page)).toBeGreaterThan(before);
  await stage.chat.button('Go to the end').click();
  await expect.poll(() => rest(stage.page)).toBe(0);
  await stage.chat.button('Go to the end').waitFor({ state: 'detached' });
});
