/** One run of the driver that ends with a kill -9, of itself or of its engine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Line } from './lines.ts';

const script = fileURLToPath(new URL('./driver.ts', import.meta.url));
const env = {
  ...process.env,
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../.cache/compiled', import.meta.url)),
};

export interface Killed {
  readonly lines: readonly Line[];
  /** When the kill was sent, ms since 1970. */
  readonly at: number;
}

interface Run {
  readonly data: string;
  readonly models: string;
  readonly seed: number;
  readonly target: 'host' | 'engine';
  /** After the first action began. */
  readonly afterMs: number;
}

/** An engine's death must not end its host: it has to acknowledge two more actions, and is asked to end then. */
export async function killedRun({ data, models, seed, target, afterMs }: Run): Promise<Killed> {
  const args = [script, data, models, String(seed)];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  const lines: Line[] = [];
  let at = 0;
  let doneSince = 0;
  let countdown: NodeJS.Timeout | undefined;

  function hear(line: Line) {
    lines.push(line);
    if (line.type === 'ready') {
      const victim = target === 'host' ? child.pid : line.engine;
      countdown = setTimeout(() => {
        at = Date.now();
        process.kill(victim ?? 0, 'SIGKILL');
      }, afterMs);
    }
    if (line.type !== 'done' || at === 0 || line.at <= at) return;
    doneSince += 1;
    if (doneSince === 2) child.kill('SIGTERM');
  }

  let cut = ''; // the kill may cut the last line
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    const parts = (cut + piece).split('\n');
    cut = parts.pop() ?? '';
    for (const part of parts) hear(JSON.parse(part));
  });
  let errors = '';
  child.stderr.on('data', (piece) => {
    errors += piece;
  });
  const [code, signal] = await closed;
  clearTimeout(countdown);
  const expected = target === 'host' ? signal === 'SIGKILL' : code === 0;
  if (!expected || at === 0) throw new Error(`the driver ended with ${code ?? signal}: ${errors}`);
  return { lines, at };
}

/** What was under way when the kill came. */
export function underWay({ lines, at }: Killed): string {
  const begun = lines.findLast((line) => line.type === 'begin' && line.at <= at);
  return begun?.type === 'begin' ? begun.action : 'start';
}
