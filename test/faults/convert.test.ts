/** A conversion that is killed, stopped or short of memory: the result is whole and the same, or not there. */
import { type ChildProcess, fork } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256Of } from '../../electron/core/models/digests.ts';
import { convert, discard, type News, type Order, scratchOf } from '../../models/convert/convert.ts';
import { type HubShape, writeHubCheckpoint } from '../convert/hub-checkpoint.ts';
import { failure } from '../native/addon.ts';
import { seeded } from '../user/seeded.ts';
import { noSmallDisk, smallDisk } from './small-disk.ts';

const folder = mkdtempSync(join(tmpdir(), 'llamba-interrupted-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(folder, `model-${++count}`);
const script = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const shape: HubShape = {
  vocabulary: 4096,
  width: 512,
  mlp: 1024,
  blocks: 6,
  heads: 8,
  state: 32,
  dtype: 'F32',
};
const source = join(folder, 'source');
const conversion = { bits: 4, groupSize: 64, embedding: 8 } as const;
const limits = { shardBytes: 5_000_000, syncBytes: 1 };
let wanted: Record<string, string>;

/** Every file with its checksum. */
async function contents(of: string): Promise<Record<string, string>> {
  const sums = readdirSync(of).map(async (name) => [name, (await sha256Of(join(of, name))).sha256]);
  return Object.fromEntries(await Promise.all(sums));
}

interface Run {
  readonly child: ChildProcess;
  /** Progress so far, in bytes. */
  readonly seen: number[];
  /** What it said last, or that it died. */
  readonly ended: Promise<News | 'killed'>;
}

function start(
  destination: string,
  onProgress: (done: number, total: number, run: ChildProcess) => void = () => undefined,
): Run {
  const child = fork(script('../../models/convert/child.ts'));
  const seen: number[] = [];
  const order: Order = { source, destination, conversion, limits, progressMs: 0 };
  child.send(order);
  const ended = new Promise<News | 'killed'>((resolve) => {
    child.on('message', (message) => {
      const news = message as News;
      if (!('progress' in news)) return resolve(news);
      seen.push(news.progress[0]);
      onProgress(...news.progress, child);
    });
    child.once('exit', () => resolve('killed'));
  });
  return { child, seen, ended };
}

async function finish({ child, ended }: Run): Promise<News | 'killed'> {
  const news = await ended;
  child.kill('SIGKILL');
  return news;
}

beforeAll(async () => {
  writeHubCheckpoint(source, shape, 2);
  const whole = fresh();
  expect(await finish(start(whole))).toEqual({ done: true });
  wanted = await contents(whole);
  expect(Object.keys(wanted).filter((name) => name.endsWith('.safetensors')).length).toBeGreaterThan(2);
});

describe('a conversion that is killed', () => {
  it('goes on where it was, and ends with the same bytes', async () => {
    const destination = fresh();
    let reached = 0;
    for (const share of [0.15, 0.4, 0.6, 0.9]) {
      const run = start(destination, (done, total, child) => {
        if (done >= share * total) child.kill('SIGKILL');
      });
      expect(await finish(run)).toBe('killed');
      expect(existsSync(destination)).toBe(false);
      // What was on disk for good is not made again.
      const first = run.seen.find((done) => done > 0) ?? 0;
      expect(first).toBeGreaterThanOrEqual(reached);
      reached = journalled(destination) > 0 ? first : reached;
    }
    expect(journalled(destination)).toBeGreaterThan(10);
    expect(await finish(start(destination))).toEqual({ done: true });
    expect(await contents(destination)).toEqual(wanted);
    expect(existsSync(scratchOf(destination))).toBe(false);
  });

  const kills = Number(process.env.LLAMBA_KILLS ?? 20);
  it(`${kills} times at any moment never leaves something else`, async () => {
    const random = seeded(2026);
    let destination = fresh();
    for (let kill = 0; kill < kills; kill++) {
      const run = start(destination);
      const timer = setTimeout(() => run.child.kill('SIGKILL'), random.between(50, 900));
      const news = await finish(run);
      clearTimeout(timer);
      // Killed after the rename, it is there as well: whole.
      if (news !== 'killed' || existsSync(destination)) {
        expect(await contents(destination)).toEqual(wanted);
        destination = fresh();
      }
    }
    if (!existsSync(destination)) expect(await finish(start(destination))).toEqual({ done: true });
    expect(await contents(destination)).toEqual(wanted);
  }, 600_000);

  it('begins again where the journal says more than the disk holds, or the source is another', async () => {
    const destination = fresh();
    const halfway = () =>
      finish(
        start(destination, (done, total, child) => {
          if (done >= total / 2) child.kill('SIGKILL');
        }),
      );
    await halfway();
    const scratch = scratchOf(destination);
    const [model = ''] = readdirSync(scratch).filter((name) => name !== 'journal');
    const [first = ''] = readdirSync(join(scratch, model)).sort();
    truncateSync(join(scratch, model, first), 1000);
    expect(await finish(start(destination))).toEqual({ done: true });
    expect(await contents(destination)).toEqual(wanted);

    rmSync(destination, { recursive: true });
    await halfway();
    const journal = join(scratch, 'journal');
    writeFileSync(journal, readFileSync(journal, 'utf8').replace(/^./, 'x'));
    const run = start(destination);
    expect(await finish(run)).toEqual({ done: true });
    expect(run.seen[0]).toBe(0);
    expect(await contents(destination)).toEqual(wanted);
  });
});

it.skipIf(noSmallDisk)(
  'a conversion that the disk has no room for says so, and goes on when there is some',
  async () => {
    const disk = smallDisk(24 * 2 ** 20);
    try {
      const destination = join(disk.path, 'model');
      const ballast = join(disk.path, 'others');
      writeFileSync(ballast, Buffer.alloc(20 * 2 ** 20));
      // Told before anything is written,
      const refused = await finish(start(destination));
      expect(refused).toMatchObject({
        error: { code: 'disk-full', message: expect.stringContaining('more free space') },
      });
      rmSync(ballast);
      // and when the room goes while it works.
      const filled = start(destination, (done, total) => {
        if (done >= total / 3) disk.fill();
      });
      expect(await finish(filled)).toMatchObject({ error: { code: 'disk-full' } });
      expect(existsSync(destination)).toBe(false);
      expect(journalled(destination)).toBeGreaterThan(5);
      disk.makeRoom();
      const run = start(destination);
      expect(await finish(run)).toEqual({ done: true });
      expect(run.seen.find((done) => done > 0)).toBeGreaterThan(5_000_000);
      expect(await contents(destination)).toEqual(wanted);
    } finally {
      disk.unmount();
    }
  },
);

/** Parts that the journal of a conversion names as done. */
function journalled(destination: string): number {
  const lines = readFileSync(join(scratchOf(destination), 'journal'), 'utf8')
    .split('\n')
    .slice(1, -1);
  return Number(lines.at(-1) ?? 0);
}

it('of two conversions to one place one is refused, whoever comes first', async () => {
  const destination = fresh();
  const first = start(destination);
  const second = start(destination);
  const ends = await Promise.all([finish(first), finish(second)]);
  const refused = ends.filter((end) => end !== 'killed' && 'error' in end);
  // The second may also come when the first is done.
  expect(refused).toHaveLength(1);
  expect(refused[0]).toMatchObject({ error: { code: expect.stringMatching(/^(busy|bad-request)$/) } });
  expect(ends).toContainEqual({ done: true });
  expect(await contents(destination)).toEqual(wanted);
});

describe('a conversion that is stopped', () => {
  it('says so, can go on, and leaves nothing when it is given up', async () => {
    const destination = fresh();
    const stop = new AbortController();
    const stopped = await failure(() =>
      convert(source, destination, conversion, { signal: stop.signal, onProgress: () => stop.abort() }),
    );
    expect(stopped.code).toBe('cancelled');
    expect(existsSync(destination)).toBe(false);
    expect(existsSync(scratchOf(destination))).toBe(true);
    const seen: [number, number][] = [];
    await convert(source, destination, conversion, { onProgress: (done, total) => seen.push([done, total]) });
    const [done, total] = seen.at(-1) ?? [];
    expect(done).toBe(total);
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).toSorted((a, b) => a - b));

    const given = fresh();
    const never = AbortSignal.abort();
    expect((await failure(() => convert(source, given, conversion, { signal: never }))).code).toBe(
      'cancelled',
    );
    await discard(given);
    expect(existsSync(scratchOf(given))).toBe(false);
  });

  it('by the end of its process is told as that', async () => {
    const entry = join(folder, 'dies.ts');
    writeFileSync(entry, 'process.once("message", () => process.kill(process.pid, "SIGKILL"));');
    const died = await failure(() => convert(source, fresh(), conversion, { entry }));
    expect(died.code).toBe('engine-gone');
  });
});

describe('memory', () => {
  /** Peak over what the process has with its engine awake, measured by itself. */
  function peakOver(of: string): Promise<number> {
    const child = fork(script('../convert/measure.ts'), [of, fresh()], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    return new Promise((resolve, reject) => {
      child.once('message', (message) => resolve((message as { overBytes: number }).overBytes));
      child.once('exit', (code) => reject(new Error(`measuring ended with ${code}`)));
    });
  }

  it('stays under three times the largest tensor, however large the model', async () => {
    const small = join(folder, 'small');
    const large = join(folder, 'large');
    const wide = { ...shape, vocabulary: 32_768, blocks: 1 };
    const largest = writeHubCheckpoint(small, wide);
    writeHubCheckpoint(large, { ...wide, blocks: 40 });
    expect(largest).toBe(32_768 * 512 * 4);
    const [over, overLarge] = [await peakOver(small), await peakOver(large)];
    expect(over).toBeLessThan(3 * largest);
    expect(overLarge).toBeLessThan(3 * largest);
    // Five times the weights, no more memory: what differs is the collector's mood.
    expect(overLarge).toBeLessThan(over + largest);
  });
});
