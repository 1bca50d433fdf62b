/** The calls that let the model speak of documents: questions, summaries, and how well it remembers. */
import { randomUUID } from 'node:crypto';
import type { Contract, Summary } from '../../shared/contract.ts';
import type { Handlers } from '../../shared/rpc.ts';
import { ask } from './asking.ts';
import type { Desk } from './desk.ts';
import { findDocument } from './library.ts';
import { recall } from './recall.ts';
import { summarize } from './summarizing.ts';

type Calls = Pick<
  Handlers<Contract>,
  | 'documents.ask'
  | 'documents.summarize'
  | 'documents.summaries'
  | 'documents.removeSummary'
  | 'recall.latest'
  | 'recall.run'
>;

/** A call that ends with the app, and while which the model stays. */
export type Stoppable = <P, C extends { signal: AbortSignal }, R>(
  call: (params: P, context: C) => Promise<R>,
) => (params: P, context: C) => Promise<R>;

export function answerCalls(desk: () => Desk, stoppable: Stoppable): Calls {
  return {
    'documents.ask': stoppable(async ({ documents, question, thread }, { emit, signal }) => {
      const { library, models, used, hold } = desk();
      const asked = documents ?? library.documents().map(({ id }) => id);
      const ready = await models.ready();
      // Who asks the whole library says nothing of which document is needed.
      for (const document of documents ?? []) used(document);
      return hold(asked, () =>
        ask(library, ready, documents, question, {
          signal,
          thread,
          onQuotes: (quotes) => emit({ type: 'quotes', quotes }),
          onGist: (gist) => emit({ type: 'gist', gist }),
          onProgress: (done, total) => emit({ type: 'progress', done, total }),
        }),
      );
    }),
    'documents.summarize': stoppable(async ({ document, ...request }, { emit, signal }) => {
      const { library, models, used, hold, background } = desk();
      findDocument(library, document);
      const ready = await models.ready();
      used(document);
      return hold([document], async () => {
        const began = performance.now();
        await background.whenRead(document, signal, ({ tokensRead, tokens, secondsLeft }) =>
          emit({ type: 'progress', step: 'reading', done: tokensRead, total: tokens, secondsLeft }),
        );
        const written = await summarize(library, ready, document, request, { signal, onItem: emit });
        const summary: Summary = {
          ...written,
          id: randomUUID(),
          model: ready.loaded.name,
          at: Date.now(),
          ms: performance.now() - began,
        };
        library.putSummary(summary);
        return summary;
      });
    }),
    'documents.summaries': async ({ document }) => {
      const { library } = desk();
      findDocument(library, document);
      return library.summaries(document);
    },
    'documents.removeSummary': async ({ summary }) => {
      desk().library.removeSummary(summary);
      return {};
    },
    'recall.latest': async () => {
      const { library, models } = desk();
      return models.now ? library.recall(models.now.fingerprint) : null;
    },
    'recall.run': stoppable(async (_, { emit, signal }) => {
      const { library, models } = desk();
      const ready = await models.ready();
      const measured = await recall(ready, { signal, onProgress: (done, total) => emit({ done, total }) });
      library.putRecall(ready.fingerprint, measured);
      return measured;
    }),
  };
}
