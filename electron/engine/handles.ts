/**
 * The models and states that the engine process gave out, by number. Under critical memory pressure idle states go to
 * disk; each comes back the next time it is used.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Model, State } from '../../native-mlx/addon.ts';
import { AppError } from '../shared/errors.ts';

interface Held {
  readonly model: number;
  state: State | null;
  /** Where it lies while `state` is null. */
  parkedAt: string | null;
  users: number;
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

  /** Runs `work` on the state, back from disk if it was parked; it is not parked meanwhile. */
  async function use<T>(id: number, work: (state: State) => Promise<T>): Promise<T> {
    const entry = held(id);
    entry.users += 1;
    try {
      if (entry.parkedAt) {
        const path = entry.parkedAt;
        entry.state = (await model(entry.model).loadState(path)).state;
        entry.parkedAt = null;
        rmSync(path);
      }
      const { state } = entry;
      if (!state) throw new AppError('busy', 'The state is being moved to disk.', 'Try again.');
      const result = await work(state);
      entry.bytes = (await state.info()).bytes;
      return result;
    } finally {
      entry.users -= 1;
    }
  }

  async function park(id: number, entry: Held): Promise<boolean> {
    const { state } = entry;
    if (!state || entry.users > 0) return false;
    entry.users += 1;
    try {
      mkdirSync(parkingFolder, { recursive: true });
      const path = join(parkingFolder, `${process.pid}-${id}.safetensors`);
      await state.save(path, '');
      entry.parkedAt = path;
      entry.state = null;
      await state.free();
      return true;
    } finally {
      entry.users -= 1;
    }
  }

  return {
    model,
    use,
    addModel(added: Model): number {
      models.set(++count, added);
      return count;
    },
    async removeModel(id: number): Promise<void> {
      const removed = model(id);
      models.delete(id);
      for (const [key, entry] of states) if (entry.model === id) drop(key, entry);
      await removed.unload();
    },
    async addState(of: number, added: State): Promise<number> {
      const { bytes } = await added.info();
      states.set(++count, { model: of, state: added, parkedAt: null, users: 0, bytes });
      return count;
    },
    modelOf: (id: number) => held(id).model,
    async removeState(id: number): Promise<void> {
      const entry = held(id);
      drop(id, entry);
      await entry.state?.free();
    },
    /** How many went to disk. */
    async parkIdle(): Promise<number> {
      let parked = 0;
      for (const [id, entry] of states) if (await park(id, entry)) parked += 1;
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

  function drop(id: number, entry: Held) {
    states.delete(id);
    if (entry.parkedAt) rmSync(entry.parkedAt, { force: true });
  }
}

export type Handles = ReturnType<typeof createHandles>;
