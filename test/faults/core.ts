/** A core over a data folder, with the models of a folder: for speed, the tiny ones. */
import { type Core, createCore } from '../../electron/core/core.ts';
import { spawnEngine } from '../../electron/engine/spawn.ts';
import type { SamplingOptions } from '../../electron/shared/contract.ts';

/** The most probable token, whatever was said before. */
export const greedy: Partial<SamplingOptions> = { temperature: 0, repetitionPenalty: 1 };

/** Of tiny-models.ts: its replies end when they are stopped. */
export const endless = 'endless';

export function coreAt(data: string, models: string): Core {
  return createCore({
    host: 'cli',
    version: '0',
    data,
    models: [{ path: models, embedded: true }],
    startEngine: () => spawnEngine(),
    loadAtStart: false,
  });
}
