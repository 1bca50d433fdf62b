/** Comparisons as their page shows them, and the steps that change them. */
import type { CompareRun } from '../../electron/shared/contract.ts';

export interface CompareState {
  /** Latest first; null until core has told. */
  readonly compareRuns: readonly CompareRun[] | null;
}

export interface CompareActions {
  compareRunsRead(runs: readonly CompareRun[]): void;
}

export const noComparisons: CompareState = { compareRuns: null };

type Set = (step: Partial<CompareState>) => void;

export function compareActions(set: Set): CompareActions {
  return { compareRunsRead: (compareRuns) => set({ compareRuns }) };
}
