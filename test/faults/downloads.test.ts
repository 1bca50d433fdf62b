/**
 * kill -9 at random moments of a download, over and over: what is in the models folder is at every moment nothing or the
 * whole model. LLAMBA_KILLS: how many (20).
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readManifest, verifyFolder } from '../../electron/core/models/manifest.ts';
import { openStage, type Stage } from '../contract/downloads/stage.ts';
import { seeded } from '../user/seeded.ts';

const kills = Number(process.env.LLAMBA_KILLS ?? 20);
const script = fileURLToPath(new URL('../contract/downloads/child.ts', import.meta.url));
const size = 48 * 2 ** 20;

interface Run {
  /** It ended by itself. */
  readonly done: boolean;
  /** From its start of the download to its end. */
  readonly ms: number;
}

/** Runs the child; kills it `afterMs` after it has begun, if it still runs then. */
async function run({ hub, models }: Stage, afterMs: number | null): Promise<Run> {
  const args = [script, hub.address, models];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  let begun = performance.now();
  child.stdout.on('data', (text) => {
    if (said === '') {
      begun = performance.now();
      if (afterMs !== null) setTimeout(() => child.kill('SIGKILL'), afterMs);
    }
    said += text;
  });
  await new Promise((resolve) => child.once('close', resolve));
  return { done: said.includes('done'), ms: performance.now() - begun };
}

/** Gives whether the model is there; it is then the right one. */
async function isThere(stage: Stage): Promise<boolean> {
  const found = readdirSync(stage.models).filter((name) => !name.startsWith('.'));
  if (found.length === 0) return false;
  expect(found).toEqual(['tiny']);
  expect(stage.result()?.equals(stage.content)).toBe(true);
  const manifest = await readManifest(join(stage.models, 'tiny'));
  expect(manifest?.files).toHaveLength(2);
  if (manifest) await verifyFolder(join(stage.models, 'tiny'), manifest);
  return true;
}

it(`is whole or absent after ${kills} kills`, { timeout: 60_000 + kills * 3000 }, async () => {
  const { next: random, between } = seeded(20_261_124);
  const stage = await openStage(size);
  let absent = 0;
  try {
    const { ms } = await run(stage, null);
    await stage.clear();
    for (let n = 0; n < kills; n++) {
      // Every third time the connections break, too.
      stage.hub.always((_asked, i) =>
        n % 3 === 0 && i % 4 === 0 ? { kind: 'cut', after: between(1, 500_000) } : null,
      );
      await run(stage, random() * ms);
      if (await isThere(stage)) await stage.clear();
      else absent++;
    }
    stage.hub.always(null);
    expect(await run(stage, null)).toMatchObject({ done: true });
    expect(await isThere(stage)).toBe(true);
    expect(readdirSync(stage.models)).toEqual(['tiny']);
    // Else nothing was interrupted.
    expect(absent).toBeGreaterThan(0);
    process.stdout.write(
      `${kills} kills: ${absent} times absent, ${kills - absent} times whole, never wrong\n`,
    );
  } finally {
    await stage.close();
  }
});
