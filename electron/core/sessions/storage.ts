/**
 * Where sessions are kept: opened at start, tried again while the disk is full or another Llamba has it, and told to
 * the pages. Until it is open only ephemeral sessions work; the app runs in any case.
 */
import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Storage } from '../../shared/contract.ts';
import { AppError, type AppErrorValue, toErrorValue } from '../../shared/errors.ts';
import type { Damaged } from './files.ts';
import { type Ownership, takeOwnership } from './owner.ts';
import type { Store } from './rows.ts';
import { releasing, type Shelf, sweep } from './shelf.ts';
import { diskFull } from './sqlite-errors.ts';
import { openStore } from './store.ts';

export interface KeptStorage {
  /** Ephemeral sessions; all of them where there is no data folder. */
  readonly memory: Shelf;
  /** null: not open. */
  readonly disk: Shelf | null;
  /** Folders, presets and settings as far as they are there. */
  readonly library: Store;
  /** Where what is no ephemeral session goes. Throws why that is not possible now. */
  main(): Shelf;
  /** Where pieces of a file to import wait; null: no folder. */
  readonly incoming: string | null;
  get(): Storage;
  readonly budget: number;
  setBudget(bytes: number): void;
  /** Whether so many bytes can be written. */
  hasRoom(bytes: number): boolean;
  /** A write failed for want of room, or worked again (null). `needed`: bytes free with which it counts as over. */
  full(error: AppErrorValue | null, needed?: number): void;
  reportDamaged(damaged: Damaged): void;
  /** Tells the pages how it is now. */
  changed(): void;
  close(): void;
}

const defaultBudget = 5 * 2 ** 30;
const againMs = 1000;
/** Deleted things can come back this long. */
const undoMs = 60 * 60_000;
const purgeMs = 5 * 60_000;

/** `data`: the folder; null: everything in memory. */
export function createStorage(data: string | null, emit: (storage: Storage) => void): KeptStorage {
  const memory: Shelf = { store: openStore(':memory:'), states: null };
  const damaged: Damaged[] = [];
  let phase: Storage['phase'] = data === null ? 'ready' : 'opening';
  let error: AppErrorValue | null = null;
  let owner: Ownership | null = null;
  let disk: Shelf | null = null;
  let again: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;

  function purge(): void {
    for (const shelf of [memory, disk]) {
      if (shelf) releasing(shelf, () => shelf.store.purge(Date.now() - undoMs));
    }
  }

  /** Later is soon enough where there is no room even to delete. */
  function purgeNowAndThen(): void {
    try {
      purge();
    } catch (thrown) {
      console.error(`Deleted sessions stay for now: ${toErrorValue(thrown).message}`);
    }
  }

  function open(folder: string): Storage['phase'] {
    const states = join(folder, 'states');
    mkdirSync(states, { recursive: true, mode: 0o700 });
    owner ??= takeOwnership(join(folder, 'owner.lock'));
    if (!owner) return 'elsewhere';
    disk ??= {
      store: openStore(join(folder, 'llamba.db'), { onDamaged: (file) => damaged.push(file) }),
      states,
    };
    rmSync(join(folder, 'incoming'), { recursive: true, force: true });
    sweep(disk.store, states);
    disk.store.cutWriting();
    purge();
    return 'ready';
  }

  function tryOpen(folder: string): void {
    error = null;
    try {
      phase = open(folder);
      if (phase === 'elsewhere') error = openElsewhere();
    } catch (thrown) {
      error = toErrorValue(freeBytes(folder) === 0 || noRoom(thrown) ? diskFull() : unreadable(thrown));
      phase = error.code === 'disk-full' ? 'full' : 'failed';
    }
    if (phase === 'full' || phase === 'elsewhere') {
      again = setTimeout(() => {
        const before = phase;
        again = undefined;
        tryOpen(folder);
        if (phase !== before) storage.changed();
      }, againMs).unref();
    }
  }

  const storage: KeptStorage = {
    memory,
    get disk() {
      return disk;
    },
    get library() {
      return (disk ?? memory).store;
    },
    main() {
      if (data === null) return memory;
      if (disk) return disk;
      throw new AppError(
        phase === 'elsewhere' ? 'busy' : (error?.code ?? 'busy'),
        error?.message ?? 'The sessions are still being opened.',
        error?.hint ?? 'Try again in a moment.',
      );
    },
    incoming: data === null ? null : join(data, 'incoming'),
    get() {
      const { bytes, count } = disk?.store.usage() ?? { bytes: 0, count: 0 };
      return {
        phase,
        error,
        damaged: [...damaged],
        checkpointBytes: bytes,
        checkpointCount: count,
        checkpointBudgetBytes: storage.budget,
        freeBytes: data === null ? null : freeBytes(data),
      };
    },
    get budget() {
      return Number(disk?.store.setting('checkpointBudget') ?? defaultBudget);
    },
    setBudget(bytes) {
      storage.main().store.putSetting('checkpointBudget', String(bytes));
    },
    hasRoom: (bytes) => data === null || (freeBytes(data) ?? bytes) >= bytes,
    full(reason, needed) {
      // While it is not open or not tidied up, opening it tells.
      if (again || (phase !== 'ready' && phase !== 'full')) return;
      clearInterval(looking);
      if (reason && needed !== undefined) {
        looking = setInterval(() => storage.hasRoom(needed) && storage.full(null), againMs).unref();
      }
      const next = reason ? 'full' : 'ready';
      if (phase === next) return;
      phase = next;
      error = reason;
      storage.changed();
    },
    reportDamaged(file) {
      damaged.push(file);
      storage.changed();
    },
    changed: () => emit(storage.get()),
    close() {
      clearTimeout(again);
      clearInterval(looking);
      clearInterval(purging);
      disk?.store.close();
      memory.store.close();
      owner?.release();
    },
  };

  if (data !== null) tryOpen(data);
  const purging = setInterval(purgeNowAndThen, purgeMs).unref();
  return storage;
}

function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null; // the folder could not even be made: the phase says why
  }
}

const noRoom = (thrown: unknown) =>
  ['ENOSPC', 'EDQUOT'].includes(String((thrown as { code?: unknown }).code));

/** What the system says of a folder or file is no fault of the app. */
function unreadable(thrown: unknown): unknown {
  const { syscall, message } = thrown as NodeJS.ErrnoException;
  if (thrown instanceof AppError || syscall === undefined) return thrown;
  return new AppError(
    'file-unreadable',
    `The folder of the sessions cannot be used: ${message}.`,
    'Look whether it is there and may be written to, then start Llamba again.',
  );
}

const openElsewhere = (): AppErrorValue => ({
  code: 'busy',
  message: 'Another Llamba on this computer has the sessions open.',
  hint: 'Close it, or go on there. Ephemeral sessions work here meanwhile.',
});
