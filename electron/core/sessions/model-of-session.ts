/** With which model, system line and sampling a session is written. */
import type { Preset, SamplingOptions } from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import type { ModelInUse, Ready } from '../loaded-model.ts';
import { knownModel, type ModelFolders } from '../models/on-disk.ts';
import type { Found } from './found.ts';
import type { UnderWay } from './under-way.ts';

export interface ModelOfSession {
  /** Loads it when another one is loaded. Throws `busy` when that one is writing elsewhere. */
  ready(found: Found): Promise<Ready>;
  /** null: it is not loaded at this moment. */
  now(found: Found): Ready | null;
  system(found: Found): string | null;
  /** The model's defaults, overridden by the preset, by the session, by the call. */
  sampling(found: Found, ready: Ready, given: Partial<SamplingOptions> | undefined): SamplingOptions;
}

/** `answering`: whether the model is in use outside of sessions. */
export function modelOfSession(
  models: ModelInUse,
  folders: ModelFolders,
  underWay: UnderWay,
  presets: () => readonly Preset[],
  answering: () => boolean,
): ModelOfSession {
  const presetOf = ({ row }: Found) =>
    row.preset === null ? undefined : presets().find(({ name }) => name === row.preset);

  return {
    async ready({ row }) {
      if (row.model === null || models.wanted === row.model) return models.ready();
      const entry = knownModel(folders, row.model);
      if (underWay.elsewhere(row.id) || answering()) {
        throw new AppError(
          'busy',
          'Another model is writing a reply or a summary, and one model is loaded at a time.',
          'Wait for its end, or stop it.',
        );
      }
      await models.load(entry);
      return models.ready();
    },
    now: ({ row }) => (row.model === null || models.now?.entry.id === row.model ? models.now : null),
    system: (found) => found.row.system ?? presetOf(found)?.system ?? null,
    sampling: (found, { defaults }, given) => ({
      ...defaults.sampling,
      ...presetOf(found)?.sampling,
      ...found.row.sampling,
      ...given,
    }),
  };
}

/** Under which setting it is remembered what a model's points are called, for when it is not loaded. */
export const fingerprintSetting = (model: string) => `fingerprint of ${model}`;
