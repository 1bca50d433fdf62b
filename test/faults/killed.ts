/** One run of the driver that ends with a kill -9, of itself or of its engine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ActionName } from '../user/actions.ts';
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
  readonly victim: 'host' | 'engine';
  readonly during: Moment;
  /** After that began. */
  readonly afterMs: number;
}

/** start: before anything is done. */
export type Moment = ActionName | 'start';

/** An engine's death must not end its host: it has to acknowledge two more actions, and is asked to end then. */
export async function killedRun({ data, models, seed, victim, during, afterMs }: Run): Promise<Killed> {
  const args = [script, data, models, String(seed), during];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  const lines: Line[] = [];
  let at = 0;
  let doneSince = 0;
  let engine = 0;
  let countdown: NodeJS.Timeout | undefined;

  function begun() {
    countdown ??= setTimeout(() => {
      at = Date.now();
      process.kill(victim === 'host' ? (child.pid ?? 0) : engine, 'SIGKILL');
    }, afterMs);
  }
  function hear(line: Line) {
    lines.push(line);
    if (line.type === 'ready') engine = line.engine;
    if (line.type === 'begin' && line.target) begun();
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
  if (during === 'start') begun();
  const [code, signal] = await closed;
  clearTimeout(countdown);
  const expected = victim === 'host' ? signal === 'SIGKILL' : code === 0;
  if (!expected || at === 0) throw new Error(`the driver ended with ${code ?? signal}: ${errors}`);
  return { lines, at };
}

/** What was under way when the kill came. */
export function underWay({ lines, at }: Killed): string {
  const begun = lines.findLast((line) => line.type === 'begin' && line.at <= at);
  return begun?.type === 'begin' ? begun.action : 'start';
}
