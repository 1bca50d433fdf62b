/** The commands of questions. */
import { toErrorValue } from '../../electron/shared/errors.ts';
import { gone, type Link } from '../app/link.ts';
import { exchangesOf, threadOf } from './answers-state.ts';

export interface AnswersCommands {
  /** As the next of its thread; `documents` null: the library. */
  ask(thread: string, question: string, documents: readonly string[] | null): void;
  stopAnswer(thread: string): void;
}

/** So many earlier exchanges go along: what a question refers to was said lately. */
const exchanges = 3;

export function answersCommands(link: Link): AnswersCommands {
  const { store } = link;
  const act = store.getState();
  const stops = new Map<string, AbortController>();
  return {
    async ask(thread, question, documents) {
      const earlier = exchangesOf(threadOf(store.getState(), thread)).slice(-exchanges);
      const stop = new AbortController();
      stops.set(thread, stop);
      act.asked(thread, question, documents);
      try {
        if (!link.rpc) throw gone;
        const params = { documents, question, ...(earlier.length > 0 && { thread: earlier }) };
        const advanced = (item: Parameters<typeof act.answerAdvanced>[1]) => act.answerAdvanced(thread, item);
        act.answered(thread, await link.rpc.stream('documents.ask', params, advanced, stop.signal));
      } catch (error) {
        act.answerFailed(thread, toErrorValue(error));
      } finally {
        stops.delete(thread);
      }
    },
    stopAnswer(thread) {
      act.answerStopping(thread);
      stops.get(thread)?.abort();
    },
  };
}
