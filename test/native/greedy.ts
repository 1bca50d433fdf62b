import type { Sampling } from '../../native-mlx/addon.ts';

/** In a file without vitest, for the child processes. */
export const greedy: Sampling = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  repetitionWindow: 0,
  seed: 0,
  logitBias: [],
};
