/**
 * A session of 300,000 tokens in real Chromium over the real host: ms from the click on it until its end is painted, and
 * how long frames last while it scrolls.
 * usage: LLAMBA_CHROMIUM=/usr/bin/chromium node test/bench/transcript.ts [--runs N] [--tokens N] [--json]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { parseOptions } from '../../electron/headless/options.ts';
import { openBrowser, watchedPage } from '../e2e/browser.ts';
import { ChatPage } from '../e2e/chat-page.ts';
import { startHost } from '../e2e/host.ts';
import { longSession } from './long-session.ts';
import { median, modelPath, provenance, summary } from './measure.ts';

const given = parseOptions(process.argv.slice(2), {
  runs: { kind: 'integer', help: '' },
  tokens: { kind: 'integer', help: '' },
  json: { kind: 'flag', help: '' },
});
const runs = given.runs ?? 15;
/** Frames of one pass over the session, and px a frame: 6,000 px a second, a fast flick. */
const [frames, step] = [240, 100];

/** ms from the click on the session's row until the frame is on the screen in which its last words are. */
const toPainted = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const named = (name: string) =>
          [...document.querySelectorAll<HTMLElement>('[data-row]')].find((row) =>
            row.textContent?.includes(name),
          );
        const row = named('A very long session');
        if (!row) return reject(new Error('the session is not in the list'));
        const begun = performance.now();
        const look = () => {
          const end = [...document.querySelectorAll('article[data-reply]')].at(-1);
          const box = end?.closest('section')?.getBoundingClientRect();
          const shown =
            end?.textContent?.includes('The very end.') &&
            box &&
            Math.round(end.getBoundingClientRect().bottom) <= box.bottom;
          // A task after the next frame's callbacks: that frame has been painted.
          if (shown) requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - begun)));
          else if (performance.now() - begun > 10_000) reject(new Error('its end does not come into view'));
          else requestAnimationFrame(look);
        };
        row.click();
        requestAnimationFrame(look);
      }),
  );

/** ms of each frame while the conversation is scrolled towards its start, and of each task that blocked the page. */
const whileScrolling = (page: Page) =>
  page.evaluate(
    ([frames, step]) =>
      new Promise<{ frame: number[]; longest: number; drawn: number }>((resolve) => {
        const box = document.querySelector('section[aria-label="Conversation"]');
        if (!box) throw new Error('there is no conversation');
        const times: number[] = [];
        let longest = 0;
        let drawn = 0;
        const tasks = new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
        });
        tasks.observe({ type: 'longtask' });
        let before = performance.now();
        const frame = (now: number) => {
          times.push(now - before);
          before = now;
          box.scrollTop -= step;
          drawn = Math.max(drawn, box.querySelectorAll('article').length);
          if (times.length <= frames) return requestAnimationFrame(frame);
          tasks.disconnect();
          // The first one began before it was looked at.
          resolve({ frame: times.slice(1), longest, drawn });
        };
        requestAnimationFrame(frame);
      }),
    [frames, step] as const,
  );

const folder = mkdtempSync(join(tmpdir(), 'llamba-transcript-'));
const file = join(folder, 'long.json');
const { text, tokens } = await longSession(modelPath, given.tokens ?? 300_000);
writeFileSync(file, text);
const browser = await openBrowser();
const host = await startHost();
try {
  const { page } = await watchedPage(browser);
  await new ChatPage(page).open(host.address);
  await page.locator('input[type="file"]').setInputFiles(file);
  await page.getByText('The very end.').waitFor();

  const opened: number[] = [];
  for (let run = -1; run < runs; run++) {
    await page.keyboard.press('Control+Shift+O');
    await page.getByText('The very end.').waitFor({ state: 'detached' });
    const ms = await toPainted(page);
    if (run >= 0) opened.push(ms);
  }
  const frame: number[] = [];
  let longest = 0;
  let drawn = 0;
  for (let pass = 0; pass < 5; pass++) {
    const seen = await whileScrolling(page);
    frame.push(...seen.frame);
    longest = Math.max(longest, seen.longest);
    drawn = Math.max(drawn, seen.drawn);
  }
  const sorted = frame.toSorted((a, b) => a - b);
  const late = frame.filter((ms) => ms > 1.5 * (1000 / 60)).length / frame.length;
  const p95 = sorted[Math.floor(0.95 * sorted.length)] ?? Number.NaN;
  if (given.json) {
    console.log(
      JSON.stringify({ tokens, opened: median(opened), frame: median(frame), p95, late, longest, drawn }),
    );
  } else {
    console.log(provenance());
    console.log(`${tokens} tokens in 600 turns, ${(text.length / 2 ** 20).toFixed(1)} MiB of text`);
    console.log(`click to painted: ${summary(opened, 'ms')}`);
    console.log(
      `frames while scrolling: median ${median(frame).toFixed(1)} ms, 95 % within ${p95.toFixed(1)} ms, ` +
        `${(100 * late).toFixed(1)} % missed; longest task ${longest.toFixed(0)} ms; at most ${drawn} turns drawn`,
    );
  }
} finally {
  await browser.close();
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
}
