/** The runs that are kept, each a JSON file under its id: whole or not there. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CompareRun } from '../../shared/compare.ts';
import { AppError } from '../../shared/errors.ts';
import { putInPlace } from '../sessions/files.ts';

export interface Runs {
  /** Latest first. */
  list(): readonly CompareRun[];
  add(run: CompareRun): void;
  /** Throws `bad-request` when there is none of that id. */
  remove(id: string): void;
}

/** In `folder`, made when the first is kept; null: in memory. */
export function keepRuns(folder: string | null): Runs {
  const latest = (runs: Iterable<CompareRun>) => [...runs].sort((a, b) => b.provenance.at - a.provenance.at);
  if (folder === null) {
    const runs = new Map<string, CompareRun>();
    return {
      list: () => latest(runs.values()),
      add: (run) => void runs.set(run.id, run),
      remove(id) {
        if (!runs.delete(id)) throw noRun();
      },
    };
  }
  const ids = () => {
    mkdirSync(folder, { recursive: true });
    return readdirSync(folder).flatMap((name) =>
      name.endsWith(suffix) ? name.slice(0, -suffix.length) : [],
    );
  };
  const fileOf = (id: string) => join(folder, id + suffix);
  return {
    list: () => latest(ids().map((id) => readRun(fileOf(id)))),
    add(run) {
      mkdirSync(folder, { recursive: true });
      const temporary = join(folder, `.${run.id}`);
      writeFileSync(temporary, JSON.stringify({ version, run }));
      putInPlace(temporary, fileOf(run.id));
    },
    remove(id) {
      if (!ids().includes(id)) throw noRun();
      rmSync(fileOf(id));
    },
  };
}

const suffix = '.json';
/** Of the file's form. */
const version = 1;

function readRun(path: string): CompareRun {
  try {
    const file: { version: number; run: CompareRun } = JSON.parse(readFileSync(path, 'utf8'));
    if (file.version === version && file.run) return file.run;
  } catch (error) {
    throw invalid(path, (error as Error).message);
  }
  throw invalid(path, 'it was written by another version of Llamba');
}

const noRun = () => new AppError('bad-request', 'There is no such run.', 'Look at the list of runs.');
const invalid = (path: string, why: string) =>
  new AppError('file-invalid', `The run in ${path} cannot be read: ${why}.`, 'Move that file away.');
