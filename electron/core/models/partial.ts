/**
 * The folder of a model that is not whole yet: `.partial-ID` among the models, a name that no list shows. In it `files`
 * (what is fetched), `made` (what is converted from it), the note of how far they are, and the lock of who works on it.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import { takeOwnership } from '../sessions/owner.ts';
import { replaceFile } from './disk.ts';
import type { Progress } from './download-plan.ts';
import { bytesIn } from './intervals.ts';

const prefix = '.partial-';

/** Of a download that can go on. */
export interface Note {
  readonly version: 1;
  readonly model: string;
  readonly progress: readonly Progress[];
  /** What the user has to know. */
  readonly word: string | null;
}

export interface Partial {
  readonly folder: string;
  readonly files: string;
  readonly made: string;
  readNote(): Promise<Note | null>;
  writeNote(note: Note): Promise<void>;
  /** Lets others work on it. */
  release(): void;
  /** With all that is in it. */
  remove(): Promise<void>;
}

/** Throws `busy` while another process works on it. */
export async function openPartial(models: string, id: string): Promise<Partial> {
  const folder = join(models, prefix + id);
  await mkdir(join(folder, 'files'), { recursive: true });
  const owner = takeOwnership(join(folder, 'owner.lock'));
  if (!owner) {
    throw new AppError('busy', 'Another Llamba is working on this model.', 'Wait for it, or close it.');
  }
  let held = true;
  const release = () => {
    if (held) owner.release();
    held = false;
  };
  return {
    folder,
    files: join(folder, 'files'),
    made: join(folder, 'made'),
    readNote: () => readNote(folder),
    writeNote: (note) => replaceFile(join(folder, 'download.json'), JSON.stringify(note)),
    release,
    remove: async () => {
      release();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const size = v.pipe(v.number(), v.integer(), v.minValue(0));
const noteSchema: v.GenericSchema<unknown, Note> = v.object({
  version: v.literal(1),
  model: v.string(),
  word: v.nullable(v.string()),
  progress: v.array(
    v.object({
      file: v.object({
        path: v.string(),
        address: v.string(),
        source: v.string(),
        commit: v.nullable(v.string()),
        bytes: size,
        digest: v.object({ kind: v.picklist(['sha256', 'git']), hex: v.string() }),
      }),
      there: v.array(v.tuple([size, size])),
      sha256: v.nullable(v.string()),
    }),
  ),
});

/** null: there is none, or none that can be read; then nothing of what is there is trusted. */
async function readNote(folder: string): Promise<Note | null> {
  const text = await readFile(join(folder, 'download.json'), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  try {
    const result = v.safeParse(noteSchema, text === null ? null : JSON.parse(text));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}

/** Downloads that were begun and not ended, by model. */
export async function unfinishedDownloads(models: string): Promise<Note[]> {
  const names = await readdir(models).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const notes = await Promise.all(
    names.filter((name) => name.startsWith(prefix)).map((name) => readNote(join(models, name))),
  );
  return notes.filter((note) => note !== null);
}

export const fetchedBytes = (progress: readonly Progress[]) =>
  progress.reduce((sum, { there }) => sum + bytesIn(there), 0);
export const totalBytes = (progress: readonly Progress[]) =>
  progress.reduce((sum, { file }) => sum + file.bytes, 0);
