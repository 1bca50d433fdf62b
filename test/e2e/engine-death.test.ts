/** The engine process is killed while it writes: the user is told, nothing is lost, and the reply goes on by itself. */
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

test('kill -9 while writing: told at once, back by itself, and the reply goes on where it was', async () => {
  await chat.send('Tell me a long story about a lighthouse.');
  await chat.writing(20);
  const [engine] = host.enginePids();
  if (engine === undefined) throw new Error('the host has no engine process');
  process.kill(engine, 'SIGKILL');

  const before = await chat.replyText();
  await watched.page.getByText(/The engine stopped and is/).waitFor();
  await chat.writing(before.length + 40);
  expect((await chat.replyText()).startsWith(before.slice(0, 20))).toBe(true);
  expect(host.enginePids()).not.toContain(engine);
  await chat.stop();
  expect(await chat.questions.count()).toBe(1);
  expect(await chat.replies.count()).toBe(1);
  expect(watched.errors).toEqual([]);
});
