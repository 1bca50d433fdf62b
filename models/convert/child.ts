/** The converting process: one order over its channel, progress back, then the outcome. Ends with its parent. */

import { toErrorValue } from '../../electron/shared/errors.ts';
import { loadAddon } from '../../native-mlx/addon.ts';
import type { News, Order } from './convert.ts';
import { convertHere } from './convert-here.ts';

const usualProgressMs = 100;
const stop = new AbortController();

process.once('message', (order: Order) => {
  process.on('message', () => stop.abort());
  void obey(order);
});
process.once('disconnect', () => process.exit(1));
// Ctrl-C in a terminal reaches the whole process group; the parent decides when this ends.
process.on('SIGINT', () => undefined);

async function obey(order: Order): Promise<void> {
  const { source, destination, conversion, name, limits, progressMs = usualProgressMs } = order;
  try {
    // Started with the first block: a GGUF file is brought in without an engine.
    let engine: ReturnType<ReturnType<typeof loadAddon>['createEngine']> | null = null;
    let told = 0;
    await convertHere(
      source,
      destination,
      conversion,
      (data, matrix) => {
        engine ??= loadAddon().createEngine({ cacheLimitBytes: 32 * 2 ** 20 });
        return engine.quantize(data, matrix);
      },
      {
        name,
        limits,
        signal: stop.signal,
        onProgress: (done, total) => {
          const now = performance.now();
          if (now - told < progressMs && done < total) return;
          told = now;
          tell({ progress: [done, total] });
        },
      },
    );
    tell({ done: true });
  } catch (error) {
    tell({ error: toErrorValue(error) });
  }
}

const tell = (news: News) => process.send?.(news);
