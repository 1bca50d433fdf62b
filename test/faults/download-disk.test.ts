/** A disk that is full, or gets so: said beforehand where it can be, and what was fetched is kept. */
import { statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStage, weights } from '../contract/downloads/stage.ts';
import { noSmallDisk, type SmallDisk, smallDisk } from './small-disk.ts';

const mebibyte = 2 ** 20;
let disk: SmallDisk;

/** Once `done` is more than 1 MiB, something else takes all but `left` bytes of the disk. */
function filling(left: number) {
  let filled = false;
  return (done: number) => {
    if (filled || done < mebibyte) return;
    filled = true;
    if (left === 0) disk.fill();
    else writeFileSync(join(disk.path, 'ballast'), Buffer.alloc(room() - left));
  };
}
const room = () => {
  const { bavail, bsize } = statfsSync(disk.path);
  return bavail * bsize;
};

describe.skipIf(noSmallDisk)('a full disk', () => {
  beforeEach(() => {
    disk = smallDisk(40 * mebibyte);
  });
  afterEach(() => disk.unmount());

  it('is known before the first byte', async () => {
    const stage = await openStage(38 * mebibyte, {
      reserveBytes: 4 * mebibyte,
      models: join(disk.path, 'models'),
    });
    await expect(stage.download()).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/needs [23] MiB more/),
    });
    expect(stage.hub.asked).toEqual([]);
    await stage.close();
  });
  it('ends a download when others fill it, before it is quite full; with room it goes on', async () => {
    const reserveBytes = 10 * mebibyte;
    const stage = await openStage(20 * mebibyte, { reserveBytes, models: join(disk.path, 'models') });
    stage.hub.always(({ file }) => (file === weights ? { kind: 'drip', bytes: 50_000 } : null));
    const going = stage.download({ onBytes: filling(reserveBytes) });
    await expect(going).rejects.toMatchObject({ code: 'disk-full' });
    // Between two looks the four connections may write what they hold, up to 1 MiB each.
    expect(room()).toBeGreaterThan(reserveBytes / 4);
    expect(stage.result()).toBeNull();
    disk.makeRoom();
    stage.hub.always(null);
    await stage.download();
    expect(stage.result()?.equals(stage.content)).toBe(true);
    await stage.close();
  });
  it('that nobody looked at ends it at the last byte; with room it succeeds', async () => {
    const stage = await openStage(6 * mebibyte, { saveMs: 3_600_000, models: join(disk.path, 'models') });
    stage.hub.always(({ file }) => (file === weights ? { kind: 'drip', bytes: 100_000 } : null));
    await expect(stage.download({ onBytes: filling(0) })).rejects.toMatchObject({ code: 'disk-full' });
    disk.makeRoom();
    stage.hub.always(null);
    await stage.download();
    expect(stage.result()?.equals(stage.content)).toBe(true);
    await stage.close();
  });
});
