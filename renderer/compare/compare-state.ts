/** Comparisons as their page shows them, and the pure steps that change them. */
import type {
  CompareItem,
  CompareRequest,
  CompareRun,
  Measured,
  Pair,
  Provenance,
  SideItem,
  SideResult,
} from '../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../electron/shared/errors.ts';

/** A run under way, with what has been measured of it. */
export interface Comparing {
  readonly request: CompareRequest;
  /** null until core has looked at the machine. */
  readonly provenance: Provenance | null;
  readonly models: readonly Measured[];
  /** null until core has begun. */
  readonly progress: Extract<CompareItem, { type: 'progress' }> | null;
  /** Why it waits. */
  readonly paused: string | null;
  readonly stopping: boolean;
}

/** One of two models that answer the same prompt. */
export interface SideAnswer {
  readonly model: string;
  readonly text: string;
  readonly read: { readonly done: number; readonly total: number } | null;
  readonly tokens: number;
  readonly tokensPerSecond: number | null;
  readonly stateBytes: number | null;
  /** Once it is done. */
  readonly result: SideResult | null;
}

export interface Siding {
  readonly prompt: string;
  readonly answers: readonly SideAnswer[];
  readonly phase: 'running' | 'stopping' | 'done';
  readonly error: AppErrorValue | null;
}

export interface CompareState {
  /** null until core has told. */
  readonly pairs: readonly Pair[] | null;
  /** Latest first; null until core has told. */
  readonly compareRuns: readonly CompareRun[] | null;
  /** Why pairs and runs could not be read. */
  readonly compareError: AppErrorValue | null;
  readonly comparing: Comparing | null;
  /** Why the latest run gave no figures. */
  readonly comparisonError: AppErrorValue | null;
  /** The run whose figures are shown; null: the latest. */
  readonly shownRun: string | null;
  /** The run that is drawn faintly behind it. */
  readonly overlaidRun: string | null;
  readonly siding: Siding | null;
}

export interface CompareActions {
  comparisonsRead(pairs: readonly Pair[], runs: readonly CompareRun[]): void;
  comparisonsFailed(error: AppErrorValue): void;
  comparisonBegun(request: CompareRequest): void;
  comparisonAdvanced(item: CompareItem): void;
  comparisonStopping(): void;
  comparisonEnded(run: CompareRun): void;
  comparisonFailed(error: AppErrorValue): void;
  comparisonErrorRead(): void;
  comparisonRemoved(run: string): void;
  runShown(run: string): void;
  /** null: none. */
  runOverlaid(run: string | null): void;
  sideBegun(models: readonly string[], prompt: string): void;
  sideAdvanced(item: SideItem): void;
  sideStopping(): void;
  sideEnded(results: readonly SideResult[]): void;
  sideFailed(error: AppErrorValue): void;
}

export const noComparisons: CompareState = {
  pairs: null,
  compareRuns: null,
  compareError: null,
  comparing: null,
  comparisonError: null,
  shownRun: null,
  overlaidRun: null,
  siding: null,
};

export const shownRunOf = ({ compareRuns, shownRun }: CompareState): CompareRun | null =>
  compareRuns?.find(({ id }) => id === shownRun) ?? compareRuns?.[0] ?? null;

export const overlaidRunOf = ({ compareRuns, overlaidRun }: CompareState): CompareRun | null =>
  compareRuns?.find(({ id }) => id === overlaidRun) ?? null;

/** Whether the engine is kept busy from this page. */
export const comparesNow = ({ comparing, siding }: CompareState): boolean =>
  comparing !== null || (siding !== null && siding.phase !== 'done');

/** After one item of a run's stream. */
export function advanced(run: Comparing, item: CompareItem): Comparing {
  const measured = (id: string, change: (of: Measured) => Measured) => ({
    ...run,
    models: run.models.map((one) => (one.model.id === id ? change(one) : one)),
  });
  switch (item.type) {
    case 'begun':
      return { ...run, provenance: item.provenance };
    case 'progress':
      return { ...run, progress: item };
    case 'model': {
      const known = run.models.some(({ model }) => model.id === item.model.id);
      const none = { model: item.model, contexts: [], batches: [], ended: null };
      return known ? run : { ...run, models: [...run.models, none] };
    }
    case 'context':
      return measured(item.model, (of) => ({ ...of, contexts: [...of.contexts, item.point] }));
    case 'batch':
      return measured(item.model, (of) => ({ ...of, batches: [...of.batches, item.point] }));
    case 'paused':
      return { ...run, paused: item.reason };
    case 'resumed':
      return { ...run, paused: null };
  }
}

/** After one item of the stream of two answers. */
export function answered(siding: Siding, item: SideItem): Siding {
  const answers = siding.answers.map((answer): SideAnswer => {
    if (answer.model !== item.model) return answer;
    if (item.type === 'prefill') return { ...answer, read: { done: item.done, total: item.total } };
    const { tokens, tokensPerSecond, stateBytes } = item;
    return { ...answer, text: answer.text + item.text, tokens, tokensPerSecond, stateBytes };
  });
  return { ...siding, answers };
}

type Step = Partial<CompareState>;
type Set = (step: Step | ((state: CompareState) => Step)) => void;

const unanswered = { text: '', read: null, tokens: 0, tokensPerSecond: null, stateBytes: null, result: null };

export function compareActions(set: Set): CompareActions {
  const running = (change: (run: Comparing) => Comparing) =>
    set(({ comparing }) => (comparing ? { comparing: change(comparing) } : {}));
  const siding = (change: (side: Siding) => Siding) =>
    set((state) => (state.siding ? { siding: change(state.siding) } : {}));
  return {
    comparisonsRead: (pairs, compareRuns) => set({ pairs, compareRuns, compareError: null }),
    comparisonsFailed: (compareError) => set({ compareError }),
    comparisonBegun: (request) =>
      set({
        comparing: { request, provenance: null, models: [], progress: null, paused: null, stopping: false },
        comparisonError: null,
        shownRun: null,
      }),
    comparisonAdvanced: (item) => running((run) => advanced(run, item)),
    comparisonStopping: () => running((run) => ({ ...run, stopping: true })),
    comparisonEnded: (run) =>
      set(({ compareRuns }) => {
        // Core keeps only what has figures.
        if (run.models.length === 0) return { comparing: null, comparisonError: run.error };
        return { comparing: null, compareRuns: [run, ...(compareRuns ?? [])], shownRun: run.id };
      }),
    // Who cancelled it before there was a figure knows why there is none.
    comparisonFailed: (error) =>
      set({ comparing: null, comparisonError: error.code === 'cancelled' ? null : error }),
    comparisonErrorRead: () => set({ comparisonError: null }),
    comparisonRemoved: (gone) =>
      set(({ compareRuns, shownRun, overlaidRun }) => ({
        compareRuns: compareRuns?.filter(({ id }) => id !== gone) ?? null,
        shownRun: shownRun === gone ? null : shownRun,
        overlaidRun: overlaidRun === gone ? null : overlaidRun,
      })),
    runShown: (shownRun) =>
      set(({ overlaidRun }) => ({ shownRun, overlaidRun: overlaidRun === shownRun ? null : overlaidRun })),
    runOverlaid: (overlaidRun) => set({ overlaidRun }),
    sideBegun: (models, prompt) =>
      set({
        siding: {
          prompt,
          answers: models.map((model) => ({ model, ...unanswered })),
          phase: 'running',
          error: null,
        },
      }),
    sideAdvanced: (item) => siding((side) => answered(side, item)),
    sideStopping: () => siding((side) => ({ ...side, phase: 'stopping' })),
    sideEnded: (results) =>
      siding((side) => ({
        ...side,
        phase: 'done',
        answers: side.answers.map((answer) => {
          const result = results.find(({ model }) => model === answer.model) ?? null;
          return result ? { ...answer, text: result.text, result } : answer;
        }),
      })),
    sideFailed: (error) => siding((side) => ({ ...side, phase: 'done', error })),
  };
}
