/** Waiting that ends when it is not wanted any more. */
import { AppError } from '../shared/errors.ts';

export const cancelled = () => new AppError('cancelled', 'It was cancelled.', 'Ask again when you want it.');

/** `promise`, or the rejection `cancelled` as soon as `signal` says so; what was waited for goes on by itself. */
export async function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(cancelled());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Rejects with `cancelled`, too. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await unlessAborted(signal, over).finally(() => clearTimeout(timer));
}
