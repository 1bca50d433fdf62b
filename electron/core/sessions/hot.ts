/** States that the engine holds for points: the latest few of all sessions. All others come from their files. */
import { toErrorValue } from '../../shared/errors.ts';
import type { Ready } from '../loaded-model.ts';
import type { PointHead } from './rows.ts';

interface Held {
  readonly ready: Ready;
  readonly state: number;
  readonly point: PointHead;
}

/** Each is as large as the model's state: 5 to 35 MB. */
const capacity = 8;

export interface Hot {
  has(ready: Ready, point: PointHead): boolean;
  /** A state of the caller's own, which shares its numbers with the one that stays; null: there is none. */
  fork(ready: Ready, point: PointHead): Promise<number | null>;
  /** Takes the state over. */
  put(ready: Ready, point: PointHead, state: number): Promise<void>;
  /** Holds what it holds for a point also for that turn: a reference, not a copy. */
  share(ready: Ready, point: PointHead, turn: string): Promise<void>;
  forget(turns: Iterable<string>): Promise<void>;
}

export function createHot(): Hot {
  /** By turn, longest unused first. */
  const held = new Map<string, Held>();

  function find({ life }: Ready, { turn, tokens, textHash }: PointHead): Held | null {
    const found = held.get(turn);
    if (!found || found.ready.life !== life) return null;
    return found.point.tokens === tokens && found.point.textHash === textHash ? found : null;
  }

  function drop(turn: string): Promise<void> {
    const dropped = held.get(turn);
    held.delete(turn);
    return dropped ? freeState(dropped.ready, dropped.state) : Promise.resolve();
  }

  async function fork(ready: Ready, point: PointHead): Promise<number | null> {
    const found = find(ready, point);
    if (!found) return null;
    held.delete(point.turn);
    held.set(point.turn, found);
    try {
      return (await ready.rpc.call('state.fork', { state: found.state })).state;
    } catch (error) {
      // It was parked, and its file is broken.
      if (!lost.includes(toErrorValue(error).code)) throw error;
      if (held.get(point.turn) === found) await drop(point.turn);
      return null;
    }
  }

  async function put(ready: Ready, point: PointHead, state: number): Promise<void> {
    const replaced = drop(point.turn);
    held.set(point.turn, { ready, state, point });
    const [oldest] = held.keys();
    const evicted = held.size > capacity && oldest !== undefined ? drop(oldest) : undefined;
    await Promise.all([replaced, evicted]);
  }

  return {
    has: (ready, point) => find(ready, point) !== null,
    fork,
    put,
    async share(ready, point, turn) {
      const state = await fork(ready, point);
      if (state !== null) await put(ready, { ...point, turn }, state);
    },
    async forget(turns) {
      await Promise.all([...turns].map(drop));
    },
  };
}

const lost = ['state-not-found', 'state-corrupt', 'file-unreadable'];

/** One that went down with the engine, or with its model, needs no freeing. */
export async function freeState({ rpc }: Ready, state: number): Promise<void> {
  await rpc.call('state.free', { state }).catch((error) => {
    if (!['engine-gone', 'state-not-found'].includes(toErrorValue(error).code)) throw error;
  });
}
