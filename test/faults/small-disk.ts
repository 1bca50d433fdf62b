/** A disk of a few MiB to be filled: a tmpfs, which only root can mount. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly path: string;
  /** Not a byte is left. */
  fill(): void;
  makeRoom(): void;
  unmount(): void;
}

/** Why there can be none on this machine; null: there can. */
export const noSmallDisk: string | null =
  process.platform !== 'linux'
    ? 'tmpfs is of Linux'
    : process.getuid?.() !== 0
      ? 'only root mounts a tmpfs'
      : tried();

function tried(): string | null {
  try {
    smallDisk(2 ** 20).unmount();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

export function smallDisk(bytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'llamba-disk-'));
  const command = (name: string, ...args: string[]) => {
    const { status, stderr, error } = spawnSync(name, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${name}: ${error?.message ?? stderr.trim()}`);
  };
  command('mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path);
  const ballast = join(path, 'ballast');
  return {
    path,
    fill() {
      const block = Buffer.alloc(4096);
      while (statfsSync(path).bavail > 0) {
        const file = openSync(ballast, 'a');
        try {
          for (;;) writeSync(file, block);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        } finally {
          closeSync(file);
        }
      }
    },
    makeRoom: () => rmSync(ballast, { force: true }),
    unmount() {
      command('umount', '--lazy', path); // a test that failed may have left a file open
      rmdirSync(path);
    },
  };
}
