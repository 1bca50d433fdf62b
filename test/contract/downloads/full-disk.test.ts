/** A disk that is full, or gets so: said beforehand where it can be, and what was fetched is kept. Needs to mount one. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openStage, quick, weights } from './stage.ts';

const mebibyte = 2 ** 20;
const disk = mkdtempSync(join(tmpdir(), 'llamba-disk-'));

function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const mounted = process.platform === 'linux' && mount();
afterAll(() => {
  if (mounted) execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

describe.skipIf(!mounted)('a full disk', () => {
  it('is known before the first byte', async () => {
    const stage = await openStage(38 * mebibyte, { reserveBytes: 4 * mebibyte, models: join(disk, 'a') });
    await expect(stage.download()).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/needs [23] MiB more/),
    });
    expect(stage.hub.asked).toEqual([]);
    await stage.close();
  });
  it('ends a download when others fill it, before it is quite full; with room it goes on', async () => {
    const reserveBytes = 10 * mebibyte;
    const stage = await openStage(20 * mebibyte, { reserveBytes, models: join(disk, 'b') });
    stage.hub.always(({ file }) => (file === weights ? { kind: 'drip', bytes: 50_000 } : null));
    const other = join(disk, 'other');
    let filled = false;
    const fill = (done: number) => {
      if (filled || done < mebibyte) return;
      filled = true;
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(other, Buffer.alloc(bavail * bsize - reserveBytes));
    };
    await expect(stage.download({ onBytes: fill })).rejects.toMatchObject({ code: 'disk-full' });
    const { bavail, bsize } = statfsSync(disk);
    // Between two looks the four connections may write what they hold, up to 1 MiB each.
    expect(bavail * bsize).toBeGreaterThan(reserveBytes / 4);
    expect(stage.result()).toBeNull();
    rmSync(other);
    stage.hub.always(null);
    await stage.download();
    expect(stage.result()?.equals(stage.content)).toBe(true);
    await stage.close();
  });
  it('without a reserve ends it at the last byte, with the system’s word for it', async () => {
    mkdirSync(join(disk, 'c'));
    const stage = await openStage(6 * mebibyte, { ...quick, saveMs: 3_600_000, models: join(disk, 'c') });
    stage.hub.always(({ file }) => (file === weights ? { kind: 'drip', bytes: 100_000 } : null));
    const other = join(disk, 'other');
    let filled = false;
    const fill = (done: number) => {
      if (filled || done < mebibyte) return;
      filled = true;
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(other, Buffer.alloc(bavail * bsize));
    };
    await expect(stage.download({ onBytes: fill })).rejects.toMatchObject({ code: 'disk-full' });
    rmSync(other);
    stage.hub.always(null);
    await stage.download();
    expect(stage.result()?.equals(stage.content)).toBe(true);
    await stage.close();
  });
});
