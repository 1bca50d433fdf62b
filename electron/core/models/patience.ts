/** How often something is tried over a bad network, and how long to wait in between. */
import { setTimeout as sleep } from 'node:timers/promises';
import { NetworkError } from '../network/failures.ts';

export interface Patience {
  /** Tries without a single byte of progress, before it is given up. */
  readonly tries: number;
  readonly firstMs: number;
  readonly longestMs: number;
}

export const usualPatience: Patience = { tries: 8, firstMs: 500, longestMs: 60_000 };

/**
 * Ms before try `n` + 1 (n from 0): doubled each time up to the longest, the latter half of it by chance, so that many
 * do not come back at once. A host that names a time is waited for as long, but no longer than ten times the longest.
 */
export function waitMs(n: number, afterMs: number | null, patience: Patience, random = Math.random): number {
  const full = Math.min(patience.longestMs, patience.firstMs * 2 ** n);
  const chosen = full / 2 + (full / 2) * random();
  return Math.max(chosen, Math.min(afterMs ?? 0, 10 * patience.longestMs));
}

/** Throws the signal's reason as soon as there is one. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/**
 * Tries `work` again while that can help, and says before each wait what went wrong. Throws the last failure, or the
 * signal's reason.
 */
export async function patiently<T>(
  work: () => Promise<T>,
  patience: Patience,
  signal: AbortSignal,
  onTrouble: (error: NetworkError) => void = () => undefined,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof NetworkError) || !error.again || tries + 1 >= patience.tries) throw error;
      onTrouble(error);
      await pause(waitMs(tries, error.afterMs, patience), signal);
    }
  }
}
