import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { tinyModels } from './tiny-models.ts';

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('an engine whose parent was killed ends, at work or not, and leaves no state on disk', async () => {
  const parking = mkdtempSync(join(tmpdir(), 'orphan-'));
  const script = fileURLToPath(new URL('./core-child.ts', import.meta.url));
  const parent = fork(script, [tinyModels(), parking]);
  const [engine] = (await once(parent, 'message')) as [number];
  expect(alive(engine)).toBe(true);
  expect(readdirSync(parking)).toHaveLength(1);
  parent.kill('SIGKILL');
  await expect.poll(() => alive(engine), { timeout: 20_000 }).toBe(false);
  expect(readdirSync(parking)).toEqual([]);
});
