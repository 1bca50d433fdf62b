/** The commands of the recall meter. */
import { toErrorValue } from '../../electron/shared/errors.ts';
import { calling, gone, type Link } from '../app/link.ts';

export interface RecallCommands {
  readRecall(): void;
  measureRecall(): void;
  stopRecall(): void;
}

export function recallCommands(link: Link): RecallCommands {
  const act = link.store.getState();
  let stop: AbortController | null = null;
  return {
    readRecall: () => void calling(link, async (rpc) => act.recallRead(await rpc.call('recall.latest', {}))),
    async measureRecall() {
      stop = new AbortController();
      const { signal } = stop;
      act.recallBegun();
      try {
        if (!link.rpc) throw gone;
        const advanced = ({ done, total }: { done: number; total: number }) =>
          act.recallAdvanced(done, total);
        act.recallMeasured(await link.rpc.stream('recall.run', {}, advanced, signal));
      } catch (error) {
        act.recallFailed(signal.aborted ? null : toErrorValue(error));
      }
    },
    stopRecall() {
      act.recallStopping();
      stop?.abort();
    },
  };
}
