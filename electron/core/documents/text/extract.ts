/**
 * Takes the text out of a document in a process of its own: a hostile file can neither hang nor crash the app, nor take
 * its memory. What is done there is in extract-here.ts.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError, fromErrorValue } from '../../../shared/errors.ts';
import { cancelled } from '../../aborting.ts';
import {
  type ExtractedPage,
  type ExtractedText,
  type Limits,
  type News,
  type Order,
  usualLimits,
} from './extracted.ts';
import { damaged, tooMuch } from './unreadable.ts';

export interface ExtractControl {
  readonly limits?: Partial<Limits> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** In pages, or in parts of the file. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** In the app's bundle the child's script lies beside it (scripts/build-shell.ts). */
const bundled = !import.meta.url.endsWith('.ts');
const entry = fileURLToPath(new URL(bundled ? './extract.mjs' : './child.ts', import.meta.url));

/**
 * The text of the file at `path`, whatever it is called. Throws AppErrors: `document-unreadable` with a reason for
 * people, `file-unreadable`, `cancelled`.
 */
export async function extractText(path: string, control: ExtractControl = {}): Promise<ExtractedText> {
  const { signal, onProgress } = control;
  if (signal?.aborted) throw cancelled();
  const limits = { ...usualLimits, ...control.limits };
  const env = process.versions.electron ? { ...process.env, ELECTRON_RUN_AS_NODE: '1' } : process.env;
  const child = fork(entry, {
    env,
    // No text of a document may become code.
    execArgv: ['--disallow-code-generation-from-strings', `--max-old-space-size=${heapMb(limits)}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let why: AppError | null = null;
  const end = (error: AppError) => {
    why ??= error;
    child.kill('SIGKILL');
  };
  const stop = () => end(cancelled());
  signal?.addEventListener('abort', stop);
  const timer = setTimeout(
    () => end(tooMuch(`it took more than ${limits.seconds} seconds`)),
    1000 * limits.seconds,
  );
  try {
    child.send({ path: resolve(path), limits } satisfies Order, () => undefined); // one that never started says so by its exit
    return await outcome(child, onProgress, (code, killer) => why ?? ending(code, killer, limits));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    child.kill('SIGKILL');
  }
}

/** Most of a document's memory lies outside of the heap: the file's bytes, for one. */
const heapMb = ({ memoryBytes }: Limits) => Math.ceil((0.75 * memoryBytes) / 2 ** 20);

function outcome(
  child: ChildProcess,
  onProgress: ExtractControl['onProgress'],
  reason: (code: number | null, killer: NodeJS.Signals | null) => AppError,
): Promise<ExtractedText> {
  return new Promise((resolve, reject) => {
    const pages: ExtractedPage[] = [];
    let characters = 0;
    child.on('message', (message) => {
      const news = message as News;
      if ('progress' in news) onProgress?.(...news.progress);
      else if ('error' in news) reject(fromErrorValue(news.error));
      else if ('done' in news) resolve({ ...news.done, pages, characters });
      else {
        for (const page of news.pages) characters += page.text.length;
        pages.push(...news.pages);
      }
    });
    child.once('error', (error) =>
      reject(new AppError('internal', `No process for documents: ${error.message}`, 'Try again.')),
    );
    child.once('exit', (code, killer) => reject(reason(code, killer)));
  });
}

/** A process that ended by itself. V8 aborts at its limit; the child's guard and the system kill. */
function ending(code: number | null, killer: NodeJS.Signals | null, { memoryBytes }: Limits): AppError {
  const isFull = killer === 'SIGKILL' || killer === 'SIGABRT' || code === 134;
  return isFull
    ? tooMuch(`it needs more memory than ${Math.round(memoryBytes / 2 ** 20)} MB`)
    : damaged(`reading it failed (${killer ?? code})`);
}
