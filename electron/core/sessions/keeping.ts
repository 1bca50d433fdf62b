/** Checkpoints: written in the background, thinned when they take more than their budget. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { toErrorValue } from '../../shared/errors.ts';
import type { Ready } from '../loaded-model.ts';
import type { PointHead } from './rows.ts';
import { releasing, type Shelf } from './shelf.ts';
import type { KeptStorage } from './storage.ts';
import { thin } from './thinning.ts';

export interface Keeping {
  /** The state may be stepped or freed as soon as this returns. Nothing is kept of what is only in memory. */
  keep(ready: Ready, shelf: Shelf, point: PointHead, state: number): void;
  /** Removes what is over the budget. */
  thin(): void;
  /** Resolves when what is being written now is on the disk. */
  settled(): Promise<void>;
}

/** The last of the room is for what is said: a checkpoint is kept where there is room for so many, and so many bytes. */
const reserve = 4;
const reserveBytes = 4 * 2 ** 20;

export function createKeeping(storage: KeptStorage): Keeping {
  const pending = new Set<Promise<void>>();

  async function write(ready: Ready, { store, states }: Shelf, point: PointHead, state: number) {
    if (states === null) return;
    if (!storage.hasRoom(roomFor(ready, point))) return storage.full(almostFull(), roomFor(ready, point));
    // The note says what the state stands for: a file that was put in another's place is known by it.
    const params = { state, folder: states, note: point.textHash };
    const { file, bytes } = await ready.rpc.call('state.keep', params);
    // Meanwhile the turn may be gone, or stand elsewhere, or a thinning may have removed a file of this very content.
    const now = store.point(point.turn, point.model);
    const wanted = now?.textHash === point.textHash && now.tokens === point.tokens;
    if (!wanted && !store.files().has(file)) rmSync(join(states, file), { force: true });
    if (!wanted || !existsSync(join(states, file))) return;
    const row = { turn: point.turn, model: point.model, file, bytes, usedAt: Date.now() };
    releasing({ store, states }, () => store.putCheckpoint(row));
    storage.full(null);
    thinNow();
    storage.changed();
  }

  function thinNow(): void {
    const { disk, budget } = storage;
    if (!disk || disk.store.usage().bytes <= budget) return;
    const files = thin(disk.store.places(), budget);
    releasing(disk, () => disk.store.dropFiles(files));
  }

  return {
    keep(ready, shelf, point, state) {
      const writing = write(ready, shelf, point, state)
        .catch((thrown) => {
          const error = toErrorValue(thrown);
          // Without a checkpoint the state is read again one day. That the disk is full is worth telling now.
          if (error.code === 'disk-full') storage.full(error, roomFor(ready, point));
          else if (!passing.includes(error.code))
            console.error(`A checkpoint was not kept: ${error.message}`);
        })
        .finally(() => pending.delete(writing));
      pending.add(writing);
    },
    thin() {
      thinNow();
      storage.changed();
    },
    settled: async () => void (await Promise.all(pending)),
  };
}

const roomFor = ({ loaded }: Ready, { tokens }: PointHead) =>
  Math.max(reserveBytes, reserve * (loaded.stateBytes + loaded.stateBytesPerToken * tokens));

const almostFull = () => ({
  code: 'disk-full' as const,
  message: 'The disk is almost full: what is said is kept, states are not.',
  hint: 'Make some room, so that nothing has to be read again later.',
});

/** The engine died, or the model was unloaded. */
const passing = ['cancelled', 'engine-gone', 'state-not-found', 'model-not-found'];
