/**
 * kill -9 of the host or the engine at random moments of a busy user's work; each next start must find everything that
 * was acknowledged. LLAMBA_KILLS: how many (20); LLAMBA_SEED: of the first.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyModels } from '../contract/tiny-models.ts';
import { seeded } from '../user/seeded.ts';
import { endless } from './core.ts';
import { faultsOf } from './inspect.ts';
import { killedRun, underWay } from './killed.ts';
import { openReader, type Reader } from './reread.ts';

const kills = Number(process.env.LLAMBA_KILLS ?? 20);
const first = Number(process.env.LLAMBA_SEED ?? 1);
/** So many kills hit the same data one after another, so that old sessions are resumed too. */
const generations = 5;

const models = tinyModels();
const interrupted = new Map<string, number>();
let reader: Reader;
let data = '';
beforeAll(async () => {
  reader = await openReader(join(models, endless));
});
afterAll(async () => {
  await reader.close();
  const told = [...interrupted].sort(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`);
  console.log(`killed during: ${told.join(', ')}`);
});

describe('nothing acknowledged is lost', () => {
  for (let seed = first; seed < first + kills; seed++) {
    const random = seeded(seed);
    const target = random.pick(['host', 'host', 'engine'] as const);
    const afterMs = random.between(0, 2000);
    it(`when the ${target} is killed after ${afterMs} ms (seed ${seed})`, async () => {
      if (data === '' || seed % generations === 0) {
        if (data) rmSync(data, { recursive: true });
        data = mkdtempSync(join(tmpdir(), 'llamba-faults-'));
      }
      const killed = await killedRun({ data, models, seed, target, afterMs });
      interrupted.set(underWay(killed), (interrupted.get(underWay(killed)) ?? 0) + 1);
      const faults = await faultsOf({ data, models }, killed, reader, random);
      expect(faults, `seed ${seed}, killed during ${underWay(killed)}, data in ${data}`).toEqual([]);
    });
  }
});
