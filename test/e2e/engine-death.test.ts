/** The engine process is killed while it writes: the user is told, nothing is lost, and the reply can be had again. */
import { expect, test } from 'vitest';
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

test('kill -9 while writing: told at once, back by itself, retried with one press', async () => {
  await chat.send('Tell me a long story about a lighthouse.');
  await chat.writing(20);
  const [engine] = host.enginePids();
  if (engine === undefined) throw new Error('the host has no engine process');
  process.kill(engine, 'SIGKILL');

  const told = chat.reply.getByRole('alert');
  await told.waitFor();
  expect(await told.textContent()).toMatch(/engine/i);
  expect((await chat.replyText()).length).toBeGreaterThan(0);
  await watched.page.getByText('The engine stopped and is running again.').waitFor({ timeout: 30_000 });
  expect(host.enginePids()).not.toContain(engine);

  await told.getByRole('button', { name: 'Try again' }).click();
  await chat.answered();
  expect(await chat.reply.getByRole('alert').count()).toBe(0);
  await chat.stop();
  expect(await chat.questions.count()).toBe(1);
  expect(await chat.replies.count()).toBe(1);
  expect(watched.errors).toEqual([]);
});
