/** `child TARGET FROM TO FOLDER`: feeds one target. The number of each input is in FOLDER/at before it is tried. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes } from '../../electron/shared/errors.ts';
import { loadAddon } from '../../native-mlx/addon.ts';
import { seeded } from '../user/seeded.ts';
import { type TargetName, targets } from './targets.ts';

export interface Finding {
  readonly target: TargetName;
  readonly input: number;
  readonly what: string;
}

/** What the process may grow by for one input beyond the input's own size, for whatever the runtime keeps. */
const slackBytes = 96 * 2 ** 20;

const [name = '', from = '', to = '', folder = ''] = process.argv.slice(2);
const target = targets[name as TargetName];
mkdirSync(folder, { recursive: true });
const at = openSync(join(folder, 'at'), 'w');
const addon = loadAddon();
const engine = addon.createEngine({ device: 'cpu', threads: 1, cacheLimitBytes: 0 });
const peak = () => process.resourceUsage().maxRSS * 1024;

let taken = 0;
for (let input = Number(from); input < Number(to); input++) {
  writeSync(at, String(input).padStart(9), 0);
  const { bytes, run } = target(folder, seeded(input + 1));
  const before = peak();
  addon.resetPeakMemory();
  try {
    await run(engine);
    taken += 1;
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    const isNamed =
      code !== undefined && code !== 'internal' && (errorCodes as readonly string[]).includes(code);
    if (!isNamed)
      find(
        input,
        `a failure without a name: ${code ?? ''} ${message} ${(error as Error).stack?.split('\n')[1] ?? ''}`,
      );
  }
  const grown = Math.max(peak() - before, addon.memory().peakBytes);
  if (grown > bytes + slackBytes) find(input, `${Math.round(grown / 2 ** 20)} MiB for ${bytes} bytes`);
}
closeSync(at);
process.send?.({ taken });
process.disconnect?.();
await engine.close();

function find(input: number, what: string): void {
  process.send?.({ target: name as TargetName, input, what } satisfies Finding);
}
