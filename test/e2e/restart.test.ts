/** The whole host is killed in the middle of a reply: after the next start everything said is there, and goes on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBrowser, watchedPage } from './browser.ts';
import { ChatPage } from './chat-page.ts';
import { endlessModel } from './endless-model.ts';
import { startHostOn } from './host.ts';

test('kill -9 of host and engine while a reply is written', async () => {
  const data = mkdtempSync(join(tmpdir(), 'llamba-e2e-'));
  const model = endlessModel();
  const browser = await openBrowser();
  const first = await startHostOn(data, '--model', model);
  const before = new ChatPage((await watchedPage(browser)).page);
  await before.open(first.address);
  await before.send('Tell me about the moon.');
  await before.writing(200);
  const written = await before.replyText();
  // What is written reaches the disk within a second: that is promised, and here it has three.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  for (const pid of [first.pid, ...first.enginePids()]) process.kill(pid, 'SIGKILL');
  await before.page.getByText('The connection to Llamba was lost.').waitFor();
  await before.page.context().close();

  const second = await startHostOn(data, '--model', model);
  const after = new ChatPage((await watchedPage(browser)).page);
  await after.page.goto(second.address);
  await after.page.locator('[data-row]').click();
  await after.reply.getByRole('button', { name: 'Continue' }).waitFor();
  const kept = await after.replyText();
  expect(kept.startsWith(written.slice(0, -20))).toBe(true); // Markdown's last words may still be repaired
  await after.reply.getByRole('button', { name: 'Continue' }).click();
  await after.writing(kept.length + 40);
  await after.stop();
  expect((await after.replyText()).startsWith(kept.slice(0, 150))).toBe(true);
  await second.stop();
  await browser.close();
  rmSync(data, { recursive: true, force: true });
});
