/** The commands of summaries. */
import type { SummaryRequest } from '../../electron/shared/contract.ts';
import { toErrorValue } from '../../electron/shared/errors.ts';
import { calling, gone, type Link } from '../app/link.ts';

export interface SummariesCommands {
  readSummaries(document: string): void;
  summarize(document: string, request: SummaryRequest): void;
  /** Its notes are kept and used next time. */
  stopSummary(document: string): void;
  removeSummary(document: string, summary: string): void;
}

export function summariesCommands(link: Link): SummariesCommands {
  const act = link.store.getState();
  const stops = new Map<string, AbortController>();
  return {
    readSummaries: (document) =>
      void calling(link, (rpc) => rpc.call('documents.summaries', { document })).then(
        (summaries) => summaries && act.summariesRead(document, summaries),
      ),
    async summarize(document, request) {
      const stop = new AbortController();
      stops.set(document, stop);
      act.summaryBegun(document, request);
      try {
        if (!link.rpc) throw gone;
        const advanced = (item: Parameters<typeof act.summaryAdvanced>[1]) =>
          act.summaryAdvanced(document, item);
        const params = { document, ...request };
        act.summaryWritten(await link.rpc.stream('documents.summarize', params, advanced, stop.signal));
      } catch (error) {
        act.summaryFailed(document, toErrorValue(error));
      } finally {
        stops.delete(document);
      }
    },
    stopSummary(document) {
      act.summaryStopping(document);
      stops.get(document)?.abort();
    },
    removeSummary: (document, summary) =>
      void calling(link, (rpc) => rpc.call('documents.removeSummary', { summary })).then(
        (done) => done && act.summaryRemoved(document, summary),
      ),
  };
}
