/**
 * How far a conversion came, so that after a kill it goes on instead of beginning again. One line says what is being
 * made, then one line a part that is on disk for good. A line that was cut by the kill counts for nothing.
 */
import { type FileHandle, open, readFile } from 'node:fs/promises';

export interface Journal {
  /** Parts that need not be made again. */
  readonly done: number;
  /** Called when so many parts are synced. */
  record(done: number): Promise<void>;
  close(): Promise<void>;
}

/** `plan`: a text that is another when anything about source or result is. */
export async function openJournal(path: string, plan: string): Promise<Journal> {
  const done = await lastRecord(path, plan);
  const handle: FileHandle = await open(path, done > 0 ? 'a' : 'w', 0o600);
  if (done === 0) await handle.write(`${plan}\n`);
  await handle.sync();
  return {
    done,
    async record(count) {
      await handle.write(`${count}\n`);
      await handle.datasync();
    },
    close: () => handle.close(),
  };
}

async function lastRecord(path: string, plan: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const [first, ...records] = text.split('\n').slice(0, -1); // what follows the last line break was cut
  return first === plan ? Number(records.at(-1) ?? 0) : 0;
}
