/**
 * The models and states that the engine process gave out, by number. Under critical memory pressure idle states go to
 * disk, private ones excepted; each comes back the next time it is used.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Model, State } from '../../native-mlx/addon.ts';
import { AppError } from '../shared/errors.ts';

interface Held {
  readonly model: number;
  /** Stays out of all files, and so do its forks. */
  readonly private: boolean;
  /** null while it lies at `parkedAt`. */
  state: State | null;
  parkedAt: string | null;
  /** On its way to disk or back. */
  moving: Promise<void> | null;
  users: number;
  /** Freed by its owner; ends with its last user. */
  gone: boolean;
  bytes: number;
}

export function createHandles(parkingFolder: string) {
  const models = new Map<number, Model>();
  const states = new Map<number, Held>();
  let count = 0;

  function model(id: number): Model {
    const found = models.get(id);
    if (!found) throw new AppError('model-not-found', `No model ${id} is loaded.`, 'Load a model first.');
    return found;
  }

  function held(id: number): Held {
    const found = states.get(id);
    if (!found)
      throw new AppError('state-not-found', `There is no state ${id}.`, 'It was freed; create another.');
    return found;
  }

  /** Runs `work` on the state, back from disk if it was parked; it is neither parked nor freed meanwhile. */
  async function look<T>(id: number, work: (state: State, entry: Held) => Promise<T>): Promise<T> {
    const entry = held(id);
    entry.users += 1;
    try {
      while (entry.moving) await entry.moving.catch(() => undefined); // who moves it hears of the failure
      if (!entry.state) await move(entry, () => unpark(entry));
      return await work(entry.state as State, entry);
    } finally {
      entry.users -= 1;
      if (entry.gone && entry.users === 0) await dispose(entry);
    }
  }

  function move(entry: Held, work: () => Promise<void>): Promise<void> {
    const moving = work().finally(() => {
      entry.moving = null;
    });
    entry.moving = moving;
    return moving;
  }

  async function park(id: number, entry: Held, state: State): Promise<void> {
    mkdirSync(parkingFolder, { recursive: true, mode: 0o700 });
    const path = join(parkingFolder, `${id}.safetensors`);
    await state.save(path, '');
    entry.parkedAt = path;
    entry.state = null;
    await state.free();
  }

  async function unpark(entry: Held): Promise<void> {
    const path = entry.parkedAt as string;
    entry.state = (await model(entry.model).loadState(path)).state;
    entry.parkedAt = null;
    rmSync(path);
  }

  async function dispose(entry: Held): Promise<void> {
    while (entry.moving) await entry.moving.catch(() => undefined);
    if (entry.parkedAt) rmSync(entry.parkedAt, { force: true });
    await entry.state?.free();
  }

  async function addState(of: number, added: State, isPrivate = false): Promise<number> {
    const { bytes } = await added.info();
    const entry: Held = {
      model: of,
      private: isPrivate,
      state: added,
      parkedAt: null,
      moving: null,
      users: 0,
      gone: false,
      bytes,
    };
    states.set(++count, entry);
    return count;
  }

  return {
    model,
    addModel(added: Model): number {
      models.set(++count, added);
      return count;
    },
    /** Its states go with it. */
    async removeModel(id: number): Promise<void> {
      const removed = model(id);
      models.delete(id);
      const its = [...states].filter(([, entry]) => entry.model === id);
      for (const [key] of its) states.delete(key);
      await Promise.all(its.map(([, entry]) => dispose(entry)));
      await removed.unload();
    },
    addState,
    look,
    /** As look, on several. */
    lookAll<T>(ids: readonly number[], work: (states: readonly State[]) => Promise<T>): Promise<T> {
      const from = (at: number, states: readonly State[]): Promise<T> => {
        const id = ids[at];
        return id === undefined ? work(states) : look(id, (state) => from(at + 1, [...states, state]));
      };
      return from(0, []);
    },
    /** As look, for work that changes the state. */
    use: <T>(id: number, work: (state: State) => Promise<T>): Promise<T> =>
      look(id, async (state, entry) => {
        const result = await work(state);
        entry.bytes = (await state.info()).bytes;
        return result;
      }),
    /** As look, for work that writes the state to a file. */
    write: <T>(id: number, work: (state: State) => Promise<T>): Promise<T> =>
      look(id, (state, entry) => {
        if (entry.private)
          throw new AppError(
            'bad-request',
            `State ${id} is private: it is never written to a file.`,
            'Make one that is not private to keep it.',
          );
        return work(state);
      }),
    fork: (id: number): Promise<number> =>
      look(id, async (state, entry) => addState(entry.model, await state.fork(), entry.private)),
    async removeState(id: number): Promise<void> {
      const entry = held(id);
      states.delete(id);
      if (entry.users > 0) entry.gone = true;
      else await dispose(entry);
    },
    /** How many went to disk. */
    async parkIdle(): Promise<number> {
      let parked = 0;
      for (const [id, entry] of states) {
        const { state } = entry;
        if (!state || entry.private || entry.users > 0 || entry.moving) continue;
        await move(entry, () => park(id, entry, state));
        parked += 1;
      }
      return parked;
    },
    usage() {
      let weightBytes = 0;
      let stateBytes = 0;
      for (const { info } of models.values()) weightBytes += info.weightBytes;
      for (const { state, bytes } of states.values()) stateBytes += state ? bytes : 0;
      return { weightBytes, stateBytes, stateCount: states.size };
    },
  };
}

export type Handles = ReturnType<typeof createHandles>;
