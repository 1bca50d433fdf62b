/** A core with the real engine over tiny models, for what is about rows and not about words. */
import { createCore } from '../../electron/core/core.ts';
import { spawnEngine } from '../../electron/engine/spawn.ts';
import type { SamplingOptions } from '../../electron/shared/contract.ts';
import { dataFolder } from './real-core.ts';
import { tinyModels } from './tiny-models.ts';

export const folder = tinyModels();

/** The same seed says the same on the same state. */
export const seeded: Partial<SamplingOptions> = { temperature: 1, topK: 0, maxTokens: 8, seed: 7 };

/** With model `one` loaded. */
export async function tinyCore(data: string | null = dataFolder()) {
  const core = createCore({
    host: 'cli',
    version: '0',
    models: [{ path: folder, embedded: true }],
    data,
    startEngine: () => spawnEngine(),
    loadAtStart: false,
  });
  await core.load('one');
  return core;
}
