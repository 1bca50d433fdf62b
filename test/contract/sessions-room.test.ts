/** The last room on a disk is for what is said: states are not kept there, and are again when there is more. */
import { readdirSync, statfsSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { noSmallDisk, smallDisk } from '../faults/small-disk.ts';
import { talking } from './real-core.ts';
import { seeded, tinyCore } from './tiny-core.ts';

it.skipIf(noSmallDisk)('a state is kept only where four, and 4 MiB, have room', async () => {
  const disk = smallDisk(16 * 2 ** 20);
  const core = await tinyCore(disk.path);
  try {
    const rpc = core.connect();
    const { send, begin, reply } = talking(rpc, seeded);
    const session = await begin();
    const phases: string[] = [];
    rpc.on('storage', ({ phase }) => phases.push(phase));

    disk.fill();
    const ballast = join(disk.path, 'ballast');
    truncateSync(ballast, statSync(ballast).size - 2 * 2 ** 20);
    expect(statfsSync(disk.path).bavail).toBeGreaterThan(0);
    const { after } = await send(session, 'Hi');
    expect(after.turns.at(-1)).toMatchObject({ error: null, stats: { generatedTokens: expect.any(Number) } });
    await vi.waitUntil(() => phases.at(-1) === 'full');
    expect(await rpc.call('storage.get', {})).toMatchObject({
      phase: 'full',
      error: { code: 'disk-full', message: expect.stringMatching(/almost/) },
      checkpointCount: 0,
    });
    expect(readdirSync(join(disk.path, 'states'))).toEqual([]);

    disk.makeRoom();
    await vi.waitUntil(() => phases.at(-1) === 'ready', { timeout: 10_000 });
    await reply(session, after.turns[0]?.id ?? '');
    await expect.poll(() => readdirSync(join(disk.path, 'states')).length).toBeGreaterThan(0);
  } finally {
    await core.close();
    disk.unmount();
  }
});
