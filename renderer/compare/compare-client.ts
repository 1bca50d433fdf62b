/** The commands of the Compare page. */
import type { CompareRequest } from '../../electron/shared/contract.ts';
import { toErrorValue } from '../../electron/shared/errors.ts';
import { calling, gone, type Link, outcome } from '../app/link.ts';

export interface CompareCommands {
  readComparisons(): Promise<void>;
  compare(request: CompareRequest): void;
  /** What was measured until then is kept. */
  cancelComparison(): void;
  removeComparison(run: string): void;
  /** One prompt to both. */
  askBoth(models: readonly string[], prompt: string): void;
  stopBoth(): void;
}

/** Tokens of each answer at most: two columns that are read, not a benchmark. */
const answerTokens = 512;

export function compareCommands(link: Link): CompareCommands {
  const act = link.store.getState();
  let running: AbortController | null = null;
  let siding: AbortController | null = null;

  async function readComparisons() {
    const read = await outcome(link, (rpc) =>
      Promise.all([rpc.call('compare.pairs', {}), rpc.call('compare.runs', {})]),
    );
    if (read.ok) act.comparisonsRead(...read.value);
    else act.comparisonsFailed(read.error);
  }

  return {
    readComparisons,
    async compare(request) {
      if (running) return;
      running = new AbortController();
      act.comparisonBegun(request);
      try {
        if (!link.rpc) throw gone;
        act.comparisonEnded(
          await link.rpc.stream('compare.run', request, act.comparisonAdvanced, running.signal),
        );
      } catch (error) {
        act.comparisonFailed(toErrorValue(error));
        // What was measured until then may have been kept.
        if (link.rpc) await readComparisons();
      } finally {
        running = null;
      }
    },
    cancelComparison() {
      if (!running || running.signal.aborted) return;
      act.comparisonStopping();
      running.abort();
    },
    removeComparison: (run) =>
      void calling(link, (rpc) => rpc.call('compare.remove', { run })).then(
        (done) => done && act.comparisonRemoved(run),
      ),
    async askBoth(models, prompt) {
      if (siding || prompt.trim() === '') return;
      siding = new AbortController();
      act.sideBegun(models, prompt);
      try {
        if (!link.rpc) throw gone;
        const params = { models, prompt, maxTokens: answerTokens };
        act.sideEnded(await link.rpc.stream('compare.side', params, act.sideAdvanced, siding.signal));
      } catch (error) {
        act.sideFailed(toErrorValue(error));
      } finally {
        siding = null;
      }
    },
    stopBoth() {
      if (!siding || siding.signal.aborted) return;
      act.sideStopping();
      siding.abort();
    },
  };
}
