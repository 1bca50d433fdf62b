import { afterEach, beforeEach, expect, test } from 'vitest';
import { importSession } from '../../../electron/core/sessions/exchange.ts';
import { type Random, seeded, someWords } from '../../user/seeded.ts';
import { aShelf, exported, filesOf, type TestShelf, told, written } from './some-session.ts';

let here: TestShelf;
let there: TestShelf;
beforeEach(() => {
  here = aShelf();
  there = aShelf();
});
afterEach(() => {
  here.close();
  there.close();
});

/** One fault of the kinds that disks, networks and editors make. */
function mutated(good: Buffer, random: Random): Buffer {
  const at = random.between(0, good.length - 1);
  const to = Math.min(good.length, at + random.between(1, 5000));
  const kinds: (() => Buffer)[] = [
    () => {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ (1 << random.between(0, 7));
      return bad;
    },
    () => good.subarray(0, at),
    () => Buffer.concat([good.subarray(0, at), good.subarray(to)]),
    () => Buffer.concat([good.subarray(0, to), good.subarray(at)]),
    () => Buffer.concat([good, good.subarray(at, to)]),
    () => Buffer.concat([good.subarray(0, at), Buffer.alloc(to - at), good.subarray(to)]),
    () => Buffer.concat([good.subarray(0, at), Buffer.from(someWords(random, 5)), good.subarray(at)]),
    () => Buffer.from(good.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
  ];
  return random.pick(kinds)();
}

test('.llamba with any one of 500 faults is refused and leaves nothing', { timeout: 60_000 }, async () => {
  const good = await exported(here, written(here).id, 'llamba');
  for (let seed = 0; seed < 500; seed++) {
    const bad = mutated(good, seeded(seed));
    if (bad.equals(good)) continue;
    await expect(importSession(there, [bad]), `seed ${seed}`).rejects.toMatchObject({ code: 'file-invalid' });
  }
  expect(there.store.sessions()).toEqual([]);
  expect(filesOf(there)).toEqual([]);
});

test('.llamba with any byte of its first or last 200 changed is refused', { timeout: 60_000 }, async () => {
  const good = await exported(here, written(here).id, 'llamba');
  for (let i = -200; i < 200; i++) {
    const at = i < 0 ? good.length + i : i;
    const bad = Buffer.from(good);
    bad[at] = (bad[at] ?? 0) ^ 1;
    await expect(importSession(there, [bad]), `byte ${at}`).rejects.toMatchObject({ code: 'file-invalid' });
  }
  expect(filesOf(there)).toEqual([]);
});

test('.llamba says which part is damaged', async () => {
  const bad = await exported(here, written(here).id, 'llamba');
  const at = bad.indexOf('11bb11bb11bb11bb.safetensors","bytes":10}') + 45;
  bad[at] = (bad[at] ?? 0) ^ 1;
  await expect(importSession(there, [bad])).rejects.toThrow('damaged: 11bb11bb11bb11bb.safetensors');
});

test('JSON with any one of 300 faults is refused, or is a whole session that comes back as it is', {
  timeout: 60_000,
}, async () => {
  const good = await exported(here, written(here).id, 'json');
  let refused = 0;
  for (let seed = 0; seed < 300; seed++) {
    const id = await importSession(there, [mutated(good, seeded(seed))]).catch((error) => {
      expect(error, `seed ${seed}`).toMatchObject({ code: 'file-invalid' });
      refused++;
      return null;
    });
    if (id === null) continue;
    const again = await importSession(here, [await exported(there, id, 'json')]);
    expect(told(here, again), `seed ${seed}`).toEqual(told(there, id));
  }
  expect(refused).toBeGreaterThan(200);
});
