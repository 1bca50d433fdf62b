/** An open file that is read by position: a model's file is never in memory as a whole. */
import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '../../electron/shared/errors.ts';

export interface PositionedFile {
  readonly path: string;
  readonly size: number;
  /** Exactly `bytes` from `offset` on. Throws `file-invalid` where the file ends before. */
  read(offset: number, bytes: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Throws `file-unreadable` with the system's reason, also for what is no plain file. */
export async function openFile(path: string): Promise<PositionedFile> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
  const stats = await handle.stat();
  if (!stats.isFile()) {
    await handle.close();
    throw unreadable(path, { code: 'not a file' });
  }
  return {
    path,
    size: stats.size,
    async read(offset, bytes) {
      // Checked before anything is allocated: a size in a damaged file may be anything.
      if (!(offset >= 0 && bytes >= 0 && offset + bytes <= stats.size)) throw endsEarly(path);
      const into = Buffer.allocUnsafe(bytes);
      let at = 0;
      while (at < bytes) {
        const { bytesRead } = await handle.read(into, at, bytes - at, offset + at).catch((error) => {
          throw unreadable(path, error);
        });
        if (bytesRead === 0) throw endsEarly(path);
        at += bytesRead;
      }
      return into;
    },
    close: () => handle.close(),
  };
}

const endsEarly = (path: string) =>
  new AppError('file-invalid', `${path} ends too early.`, 'It is damaged or incomplete: fetch it again.');

function unreadable(path: string, error: unknown): AppError {
  const { code } = error as NodeJS.ErrnoException;
  return new AppError(
    'file-unreadable',
    `${path} cannot be read (${code}).`,
    'Check that it is there and may be read.',
  );
}
