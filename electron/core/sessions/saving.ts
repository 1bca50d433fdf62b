/** Writing to a disk that may be full. */
import type { ReplyItem } from '../../shared/contract.ts';
import { toErrorValue } from '../../shared/errors.ts';
import { pause } from '../aborting.ts';
import type { KeptStorage } from './storage.ts';

/** What was said is on the disk after at most a second. */
const saveMs = 800;
const againMs = 1000;

/** Calls `save` some time after `dirty` was first called; what it throws goes to `onFailed`. */
export function soon(save: () => void, onFailed: (error: unknown) => void) {
  let timer: NodeJS.Timeout | undefined;
  return {
    dirty() {
      timer ??= setTimeout(() => {
        timer = undefined;
        try {
          save();
        } catch (error) {
          onFailed(error);
        }
      }, saveMs);
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

/** Gives what `write` gives, once there is room for it; says that it waits. Throws `disk-full` when it is to stop. */
export async function whenRoom<T>(
  write: () => T,
  storage: KeptStorage,
  emit: (item: ReplyItem) => void,
  signal: AbortSignal,
): Promise<T> {
  for (let waited = false; ; waited = true) {
    try {
      const result = write();
      if (waited) {
        storage.full(null);
        emit({ type: 'resumed' });
      }
      return result;
    } catch (thrown) {
      const error = toErrorValue(thrown);
      if (error.code !== 'disk-full') throw thrown;
      if (!waited) {
        storage.full(error);
        emit({ type: 'paused', error });
      }
      if (signal.aborted) throw thrown;
      await pause(againMs, signal).catch(() => undefined);
    }
  }
}
