/** What a chat is written with where the model's own is not: its preset, and above that what was set for it alone. */
import type { Preset, SamplingOptions, Session } from '../../electron/shared/contract.ts';

export interface InUse {
  /** null: the model's own. */
  readonly system: string | null;
  readonly sampling: Partial<SamplingOptions>;
}

export function inUse(
  { preset, system, sampling }: Pick<Session, 'preset' | 'system' | 'sampling'>,
  presets: readonly Preset[],
): InUse {
  const chosen = presets.find(({ name }) => name === preset);
  return {
    system: system ?? chosen?.system ?? null,
    sampling: { ...chosen?.sampling, ...sampling },
  };
}
