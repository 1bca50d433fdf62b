/** How well the model in use finds again what it has read, and the measurement under way. */
import type { Recall } from '../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../electron/shared/errors.ts';
import type { SetDocuments } from './documents-state.ts';

export interface Measuring {
  readonly phase: 'running' | 'stopping';
  readonly done: number;
  readonly total: number;
  /** When it began, ms. */
  readonly since: number;
}

export interface RecallState {
  /** null: never measured here, or not told yet. */
  readonly recall: Recall | null;
  readonly measuring: Measuring | null;
  readonly recallError: AppErrorValue | null;
}

export interface RecallActions {
  recallRead(recall: Recall | null): void;
  recallBegun(): void;
  recallAdvanced(done: number, total: number): void;
  recallStopping(): void;
  recallMeasured(recall: Recall): void;
  /** null: it was stopped. */
  recallFailed(error: AppErrorValue | null): void;
}

export const noRecall: RecallState = { recall: null, measuring: null, recallError: null };

export function recallActions(set: SetDocuments): RecallActions {
  return {
    recallRead: (recall) => set({ recall }),
    recallBegun: () =>
      set({ measuring: { phase: 'running', done: 0, total: 0, since: Date.now() }, recallError: null }),
    recallAdvanced: (done, total) =>
      set(({ measuring }) => (measuring ? { measuring: { ...measuring, done, total } } : {})),
    recallStopping: () =>
      set(({ measuring }) => (measuring ? { measuring: { ...measuring, phase: 'stopping' } } : {})),
    recallMeasured: (recall) => set({ recall, measuring: null }),
    recallFailed: (recallError) => set({ measuring: null, recallError }),
  };
}
