/** The commands of the Compare page. */
import { calling, type Link } from '../app/link.ts';

export interface CompareCommands {
  readComparisons(): void;
}

export function compareCommands(link: Link): CompareCommands {
  const act = link.store.getState();
  return {
    readComparisons: () =>
      void calling(link, (rpc) => rpc.call('compare.runs', {})).then(
        (runs) => runs && act.compareRunsRead(runs),
      ),
  };
}
