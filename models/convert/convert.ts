/**
 * Converts a model in a process of its own: a damaged file or a full memory can take nothing else down, and the engine
 * goes on answering. What is made is what convert-here.ts makes.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AppError, type AppErrorValue, fromErrorValue } from '../../electron/shared/errors.ts';
import type { Conversion } from '../../electron/shared/models.ts';
import type { Limits } from './convert-here.ts';
import { cancelled } from './writer.ts';

export { discard, scratchOf } from './convert-here.ts';

export interface ConvertControl {
  /** Aborting keeps what is done: a later call with the same arguments goes on. `discard` removes it. */
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the source that are done with. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** What people will call the model; default: the source's own name. */
  readonly name?: string | undefined;
  /** The child's script; another only in tests. */
  readonly entry?: string | undefined;
}

/** In the app's bundle the child's script lies beside it (scripts/build-shell.ts). */
const script = import.meta.url.endsWith('.ts') ? './child.ts' : './convert.mjs';
const usualEntry = fileURLToPath(new URL(script, import.meta.url));

/** What goes to the child and what comes back. */
export interface Order {
  readonly source: string;
  readonly destination: string;
  readonly conversion: Conversion;
  readonly name?: string | undefined;
  readonly limits?: Limits | undefined;
  /** Between two words of progress. */
  readonly progressMs?: number | undefined;
}
export type News =
  | { readonly progress: readonly [done: number, total: number] }
  | { readonly error: AppErrorValue }
  | { readonly done: true };

/** `source`: a folder or a file. Throws AppErrors; never overwrites. */
export async function convert(
  source: string,
  destination: string,
  conversion: Conversion,
  control: ConvertControl = {},
): Promise<void> {
  const { signal, onProgress, name, entry = usualEntry } = control;
  if (signal?.aborted) throw cancelled;
  const env = process.versions.electron ? { ...process.env, ELECTRON_RUN_AS_NODE: '1' } : process.env;
  const child = fork(entry, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const stop = () => {
    child.send({ stop: true }, () => undefined); // one that is gone needs no stopping
  };
  signal?.addEventListener('abort', stop);
  try {
    const order: Order = { source, destination, conversion, name };
    child.send(order, () => undefined); // a child that never started says so by its exit
    await outcome(child, onProgress);
  } finally {
    signal?.removeEventListener('abort', stop);
    child.kill('SIGKILL');
  }
}

function outcome(child: ChildProcess, onProgress: ConvertControl['onProgress']): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      const news = message as News;
      if ('progress' in news) onProgress?.(...news.progress);
      else if ('error' in news) reject(fromErrorValue(news.error));
      else resolve();
    });
    child.once('error', () => reject(gone));
    child.once('exit', () => reject(gone));
  });
}

const gone = new AppError(
  'engine-gone',
  'The converting process ended unexpectedly.',
  'Try again: it goes on where it stopped. If memory is short, close other apps first.',
);
