/** Questions and their answers, by the place they were asked from: a document, or the library. */
import type { Answer, AnswerItem, Exchange, Gist, Quote } from '../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../electron/shared/errors.ts';
import type { SetDocuments } from './documents-state.ts';

/** Where the thread of the library is kept; no document has that name. */
export const library = '';

export interface Asked {
  readonly question: string;
  /** null: the library. */
  readonly documents: readonly string[] | null;
  readonly phase: 'asking' | 'stopping' | 'stopped' | 'answered' | 'failed';
  /** Chunks asked so far. */
  readonly done: number;
  readonly total: number;
  readonly gists: readonly Gist[];
  readonly quotes: readonly Quote[];
  /** The figures; null until it has ended. */
  readonly answer: Answer | null;
  readonly error: AppErrorValue | null;
}

export interface AnswersState {
  /** Oldest question first; only the last one can be under way. */
  readonly threads: Readonly<Record<string, readonly Asked[]>>;
}

export interface AnswersActions {
  asked(thread: string, question: string, documents: readonly string[] | null): void;
  answerAdvanced(thread: string, item: AnswerItem): void;
  answerStopping(thread: string): void;
  answered(thread: string, answer: Answer): void;
  answerFailed(thread: string, error: AppErrorValue): void;
  threadCleared(thread: string): void;
}

export const noAnswers: AnswersState = { threads: {} };

const none: readonly Asked[] = [];
export const threadOf = (state: AnswersState, thread: string) => state.threads[thread] ?? none;

export const underWay = (asked: Asked | undefined) =>
  asked?.phase === 'asking' || asked?.phase === 'stopping';

/** What was asked before and what came of it, for a question that follows. */
export const exchangesOf = (thread: readonly Asked[]): readonly Exchange[] =>
  thread.flatMap(({ question, gists: [first] }) => (first ? [{ question, answer: first.text }] : []));

export function answersActions(set: SetDocuments): AnswersActions {
  const changed = (thread: string, change: (last: Asked) => Partial<Asked>) =>
    set(({ threads }) => {
      const all = threads[thread] ?? [];
      const last = all.at(-1);
      if (!last) return {};
      return { threads: { ...threads, [thread]: [...all.slice(0, -1), { ...last, ...change(last) }] } };
    });
  return {
    asked: (thread, question, documents) =>
      set(({ threads }) => {
        const asked: Asked = {
          ...{ question, documents, phase: 'asking', done: 0, total: 0 },
          ...{ gists: [], quotes: [], answer: null, error: null },
        };
        return { threads: { ...threads, [thread]: [...(threads[thread] ?? []), asked] } };
      }),
    answerAdvanced: (thread, item) =>
      changed(thread, ({ gists }) => {
        if (item.type === 'gist') return { gists: [...gists, item.gist] };
        if (item.type === 'quotes') return { quotes: item.quotes };
        return { done: item.done, total: item.total };
      }),
    answerStopping: (thread) => changed(thread, () => ({ phase: 'stopping' })),
    answered: (thread, answer) =>
      changed(thread, () => ({ phase: 'answered', gists: answer.gists, quotes: answer.quotes, answer })),
    answerFailed: (thread, error) =>
      changed(thread, ({ phase }) =>
        phase === 'stopping' ? { phase: 'stopped' } : { phase: 'failed', error },
      ),
    threadCleared: (thread) => set(({ threads }) => ({ threads: { ...threads, [thread]: [] } })),
  };
}
