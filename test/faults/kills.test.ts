/**
 * kill -9 of the host or the engine at random moments of a busy user's work; each next start must find everything that
 * was acknowledged. LLAMBA_KILLS: how many (20); LLAMBA_SEED: of the first.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyModels } from '../contract/tiny-models.ts';
import { type ActionName, actions } from '../user/actions.ts';
import { type Random, seeded } from '../user/seeded.ts';
import { endless } from './core.ts';
import { faultsOf } from './inspect.ts';
import { killedRun, type Moment, underWay } from './killed.ts';
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

const moments: Moment[] = ['start', ...(Object.keys(actions) as ActionName[])];

/** When to kill whom: each moment in turn. */
function planOf(seed: number, random: Random) {
  const during = moments[seed % moments.length] as Moment;
  const streams = during === 'stream' || during === 'streamTwo';
  // Every other time around, streams are old enough for their first words to be safe.
  const late = streams && Math.floor(seed / moments.length) % 2 === 0;
  const hostOnly = during === 'start' || (late && during === 'stream');
  const victim = hostOnly ? 'host' : random.pick(['host', 'host', 'engine'] as const);
  // What is short is over in milliseconds: as many kills below 1 ms as from 1 to 10, and from 10 to 100.
  const soonMs = 10 ** (3 * random.next() - 1);
  const afterMs = late ? random.between(2000, 4000) : during === 'start' ? random.between(0, 1000) : soonMs;
  return { during, victim, afterMs } as const;
}

describe('nothing acknowledged is lost', () => {
  for (let seed = first; seed < first + kills; seed++) {
    const random = seeded(seed);
    const { during, victim, afterMs } = planOf(seed, random);
    it(`when the ${victim} is killed ${afterMs.toFixed(1)} ms into: ${during} (seed ${seed})`, async () => {
      if (data === '' || seed % generations === 0) {
        if (data) rmSync(data, { recursive: true });
        data = mkdtempSync(join(tmpdir(), 'llamba-faults-'));
      }
      const killed = await killedRun({ data, models, seed, victim, during, afterMs });
      interrupted.set(underWay(killed), (interrupted.get(underWay(killed)) ?? 0) + 1);
      const faults = await faultsOf({ data, models }, killed, reader, random);
      expect(faults, `seed ${seed}, killed during ${underWay(killed)}, data in ${data}`).toEqual([]);
    });
  }
});
