/** The reading process: one order over its channel, then pages or a reason. A second thread guards it. */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { AppError, toErrorValue } from '../../../shared/errors.ts';
import type { ExtractedPage, News, Order } from './extracted.ts';

const progressMs = 100;
const guardMs = 50;
/** Characters of pages in one message. */
const messageCharacters = 1_000_000;

if (isMainThread) {
  forgetTheNetwork();
  process.once('message', (order: Order) => {
    const { memoryBytes } = order.limits;
    new Worker(new URL(import.meta.url), {
      workerData: { memoryBytes, parent: process.ppid },
      execArgv: [],
    }).unref();
    void obey(order);
  });
  process.once('disconnect', () => process.exit(1));
  // Ctrl-C in a terminal reaches the whole process group; the parent decides when this ends.
  process.on('SIGINT', () => undefined);
} else guard();

/** While the main thread is busy only another one can see that there is too much, or that the app is gone. */
function guard(): void {
  const { memoryBytes, parent } = workerData as { memoryBytes: number; parent: number };
  setInterval(() => {
    if (process.memoryUsage.rss() > memoryBytes || process.ppid !== parent)
      process.kill(process.pid, 'SIGKILL');
  }, guardMs);
}

/** A document never needs it, and libraries shall not try. */
function forgetTheNetwork(): void {
  for (const name of ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'])
    Reflect.deleteProperty(globalThis, name);
}

async function obey({ path, limits }: Order): Promise<void> {
  try {
    const { extractHere } = await import('./extract-here.ts');
    let told = 0;
    const { pages, ...rest } = await extractHere(path, limits, (done, total) => {
      const now = performance.now();
      if (now - told < progressMs && done < total) return;
      told = now;
      void tell({ progress: [done, total] });
    });
    for (const some of messages(pages)) await tell({ pages: some });
    await tell({ done: rest });
  } catch (error) {
    const { code, message, hint } = error instanceof AppError ? error : toErrorValue(error);
    await tell({ error: { code, message, hint } });
  }
}

function* messages(pages: readonly ExtractedPage[]): Generator<ExtractedPage[]> {
  let some: ExtractedPage[] = [];
  let characters = 0;
  for (const page of pages) {
    some.push(page);
    characters += page.text.length;
    if (characters < messageCharacters) continue;
    yield some;
    [some, characters] = [[], 0];
  }
  yield some;
}

/** Waits until it is written, so that a large text is in memory once. */
const tell = (news: News) => new Promise<void>((resolve) => process.send?.(news, () => resolve()));
