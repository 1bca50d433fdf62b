/** What was and is being written of documents, and the steps that change it. */
import type {
  Anchored,
  Summary,
  SummaryItem,
  SummaryRequest,
  SummaryStep,
} from '../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../electron/shared/errors.ts';
import type { SetDocuments } from './documents-state.ts';

/** A summary on its way, or what is left of one that did not come. */
export interface Summarizing {
  readonly request: SummaryRequest;
  readonly phase: 'writing' | 'stopping' | 'stopped' | 'failed';
  readonly step: SummaryStep | null;
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number | null;
  readonly notes: readonly Anchored[];
  /** What it would be if it ended now. */
  readonly sentences: readonly Anchored[];
  readonly error: AppErrorValue | null;
}

export interface SummariesState {
  /** By document, latest first; absent until core has told. */
  readonly summaries: Readonly<Record<string, readonly Summary[]>>;
  /** By document. */
  readonly summarizing: Readonly<Record<string, Summarizing>>;
}

export interface SummariesActions {
  summariesRead(document: string, summaries: readonly Summary[]): void;
  summaryRemoved(document: string, summary: string): void;
  summaryBegun(document: string, request: SummaryRequest): void;
  summaryAdvanced(document: string, item: SummaryItem): void;
  summaryStopping(document: string): void;
  summaryWritten(summary: Summary): void;
  summaryFailed(document: string, error: AppErrorValue): void;
  /** The failure, or that it was stopped, was read. */
  summaryDismissed(document: string): void;
}

export const noSummaries: SummariesState = { summaries: {}, summarizing: {} };

const begun = (request: SummaryRequest): Summarizing => ({
  ...{ request, phase: 'writing', step: null, done: 0, total: 0, secondsLeft: null },
  ...{ notes: [], sentences: [], error: null },
});

export function summariesActions(set: SetDocuments): SummariesActions {
  const written = (document: string, change: (summaries: readonly Summary[]) => readonly Summary[]) =>
    set(({ summaries }) => ({
      summaries: { ...summaries, [document]: change(summaries[document] ?? []) },
    }));
  const changed = (document: string, change: (now: Summarizing) => Partial<Summarizing>) =>
    set(({ summarizing }) => {
      const now = summarizing[document];
      return now ? { summarizing: { ...summarizing, [document]: { ...now, ...change(now) } } } : {};
    });
  const over = (document: string) =>
    set(({ summarizing: { [document]: _, ...summarizing } }) => ({ summarizing }));
  return {
    summariesRead: (document, read) => written(document, () => read),
    summaryRemoved: (document, removed) =>
      written(document, (summaries) => summaries.filter(({ id }) => id !== removed)),
    summaryBegun: (document, request) =>
      set(({ summarizing }) => ({ summarizing: { ...summarizing, [document]: begun(request) } })),
    summaryAdvanced: (document, item) =>
      changed(document, ({ notes }) => {
        if (item.type === 'note') return { notes: [...notes, item.note] };
        if (item.type === 'sentences') return { sentences: item.sentences };
        const { step, done, total, secondsLeft } = item;
        return { step, done, total, secondsLeft };
      }),
    summaryStopping: (document) => changed(document, () => ({ phase: 'stopping' })),
    summaryWritten(summary) {
      written(summary.document, (summaries) => [summary, ...summaries]);
      over(summary.document);
    },
    summaryFailed: (document, error) =>
      changed(document, ({ phase }) =>
        phase === 'stopping' ? { phase: 'stopped' } : { phase: 'failed', error },
      ),
    summaryDismissed: over,
  };
}
