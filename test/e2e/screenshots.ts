/**
 * Writes docs/chat-light.png and docs/chat-dark.png from the real app with the real model:
 * `LLAMBA_CHROMIUM=$(command -v chromium) node test/e2e/screenshots.ts ["a message" ...]` under Node 24.
 */
import { fileURLToPath } from 'node:url';
import { openBrowser, watchedPage } from './browser.ts';
import { ChatPage } from './chat-page.ts';
import { startHost } from './host.ts';

/** Chats of before, for the library to show. */
const earlier = [
  'Write a short thank-you note to a colleague.',
  'What makes a good friend?',
  'Give me a name for a small boat.',
];
const messages = process.argv.slice(2);
if (messages.length === 0) messages.push('How can I sleep better? Give me a few tips.');

const browser = await openBrowser();
const host = await startHost();
try {
  const { page } = await watchedPage(browser, {
    deviceScaleFactor: 2,
    colorScheme: 'light',
    reducedMotion: 'reduce',
  });
  const chat = new ChatPage(page);
  await chat.open(host.address);
  for (const message of earlier) {
    await chat.send(message);
    await chat.finished();
    await page.keyboard.press('Control+Shift+O');
    await chat.welcome.waitFor();
  }
  for (const message of messages) {
    await chat.send(message);
    await chat.finished();
    console.log(`${await chat.reply.textContent()}\n`);
  }
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const path = fileURLToPath(new URL(`../../docs/chat-${colorScheme}.png`, import.meta.url));
    await page.screenshot({ path });
  }
} finally {
  await browser.close();
  await host.stop();
}
