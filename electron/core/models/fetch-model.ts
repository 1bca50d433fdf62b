/** Fetches the files of a model into its partial folder, until each is there and verified. */
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CatalogueModel } from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import type { Network } from '../network/network.ts';
import type { Connections } from './connections.ts';
import { needRoom } from './disk.ts';
import { type PlannedFile, type Progress, planDownload, reconcile, repositoriesOf } from './download-plan.ts';
import { FileChanged, FileDamaged, fetchFile } from './fetch-file.ts';
import { diskReserveBytes } from './fit.ts';
import { listRepository } from './hub.ts';
import { fetchedBytes, type Note, type Partial, totalBytes } from './partial.ts';
import { type Patience, patiently, usualPatience } from './patience.ts';

export interface FetchOptions {
  readonly patience: Patience;
  /** Connections for one file. */
  readonly parts: number;
  /** How often it is written down how far it is. */
  readonly saveMs: number;
  /** Stays free on the disk. */
  readonly reserveBytes: number;
}

export const usualOptions: FetchOptions = {
  patience: usualPatience,
  parts: 4,
  saveMs: 1000,
  reserveBytes: diskReserveBytes,
};

export interface FetchContext extends FetchOptions {
  readonly network: Network;
  readonly connections: Connections;
}

export interface FetchControl {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
  readonly onWord: (word: string) => void;
  /** Something went wrong that may pass: it is tried again. */
  readonly onTrouble: (error: AppError) => void;
}

/** How often the same file may change, or arrive damaged, before it is given up. */
const mostChanges = 3;
const mostDamages = 2;

/** Throws an AppError, or the signal's reason. What is there stays there, but for a file that was wrong. */
export async function fetchModel(
  model: CatalogueModel,
  partial: Partial,
  context: FetchContext,
  control: FetchControl,
): Promise<readonly Progress[]> {
  const before = await stillTrue(partial);
  // All of it was verified: what comes after needs no network.
  if (before?.progress.length && before.progress.every(({ sha256 }) => sha256 !== null))
    return before.progress;

  let note: Note = before ?? { version: 1, model: model.id, progress: [], word: null };
  const write = async (change: Omit<Note, 'version' | 'model'>) => {
    note = { ...note, ...change };
    if (change.word !== null) control.onWord(change.word);
    await partial.writeNote(note);
  };
  const damages = new Map<string, number>();
  let doubted: string[] = [];
  for (let changes = 0; ; ) {
    const plan = await planned(model, context, control);
    const { progress, changed: others, gone } = reconcile(plan, note.progress);
    const changed = [...new Set([...doubted, ...others])];
    doubted = [];
    for (const path of [...changed, ...gone]) await rm(join(partial.files, path), { force: true });
    await write({ progress, word: changed.length > 0 ? changedWord(changed) : note.word });
    await needRoom(partial.folder, totalBytes(progress) - fetchedBytes(progress) + context.reserveBytes);
    try {
      for (const index of plan.keys()) await fetchOne(index);
      return note.progress;
    } catch (error) {
      if (error instanceof FileChanged) {
        if (++changes >= mostChanges) throw keepsChanging(error.message);
        // The hub will say what it is now. If it says the same, the bytes that came are in doubt.
        doubted = [error.message];
        await forget(error.message, null);
      } else if (error instanceof FileDamaged) {
        const count = (damages.get(error.message) ?? 0) + 1;
        damages.set(error.message, count);
        await forget(error.message, `${error.message} arrived damaged and was fetched again.`);
        if (count >= mostDamages) throw damaged(error.message);
      } else throw error;
    }
  }

  async function fetchOne(index: number): Promise<void> {
    const { file, there, sha256 } = note.progress[index] as Progress;
    if (sha256 !== null) return;
    const others = fetchedBytes(note.progress.toSpliced(index, 1));
    const total = totalBytes(note.progress);
    const path = join(partial.files, file.path);
    await mkdir(dirname(path), { recursive: true });
    const set = (change: { there?: Progress['there']; sha256?: string }) => {
      const now = { ...(note.progress[index] as Progress), ...change };
      return write({ progress: note.progress.with(index, now), word: null });
    };
    const found = await fetchFile(path, file, there, {
      ...context,
      ...control,
      who: partial,
      purpose: `${model.name}: ${file.path}`,
      onBytes: (now) => control.onProgress(others + now.reduce((sum, [a, b]) => sum + b - a, 0), total),
      onSafe: async (now) => {
        await set({ there: now });
        await needRoom(partial.folder, context.reserveBytes);
      },
    });
    await set({ sha256: found });
  }

  /** What came of this file is of no use. */
  async function forget(path: string, word: string | null): Promise<void> {
    await rm(join(partial.files, path), { force: true });
    const progress = note.progress.map((one) =>
      one.file.path === path ? { ...one, there: [], sha256: null } : one,
    );
    await write({ progress, word });
  }
}

/** The note, but for verified files that somebody has taken away or cut since. */
async function stillTrue(partial: Partial): Promise<Note | null> {
  const note = await partial.readNote();
  if (!note) return null;
  const progress = note.progress.map(async (one) => {
    if (one.sha256 === null) return one;
    const found = await stat(join(partial.files, one.file.path)).catch(() => null);
    return found?.size === one.file.bytes ? one : { ...one, there: [], sha256: null };
  });
  return { ...note, progress: await Promise.all(progress) };
}

async function planned(
  model: CatalogueModel,
  { network, patience }: FetchContext,
  { signal, onTrouble }: FetchControl,
): Promise<PlannedFile[]> {
  const listings = new Map();
  for (const repository of repositoriesOf(model)) {
    const list = () => listRepository(network, repository, `${model.name}: list of files`, signal);
    listings.set(repository, await patiently(list, patience, signal, onTrouble));
  }
  return planDownload(model, listings, network.hub);
}

const changedWord = (paths: readonly string[]) =>
  `${paths.join(', ')} changed upstream: begun again from its start.`;
const keepsChanging = (path: string) =>
  new AppError('download-corrupt', `${path} is another file each time it is asked for.`, 'Try again later.');
const damaged = (path: string) =>
  new AppError(
    'download-corrupt',
    `${path} arrived damaged twice: its checksum is not the one that the hub names.`,
    'The host or something in between is at fault. Nothing of that file was kept. Try again later.',
  );
