import type { Pair } from '../../electron/shared/contract.ts';
import { useStore } from '../store.ts';
import { Notice } from '../ui/Notice.tsx';
import styles from './Compare.module.css';
import { overlaidRunOf, shownRunOf } from './compare-state.ts';
import { History } from './History.tsx';
import { LiveRun } from './LiveRun.tsx';
import { RunSetup } from './RunSetup.tsx';
import { RunView } from './RunView.tsx';

/** The run to make, the one under way or on the screen, and those of before. */
export function Measuring({ pair }: { pair: Pair | null }) {
  const comparing = useStore((state) => state.comparing);
  const error = useStore((state) => state.comparisonError);
  const errorRead = useStore((state) => state.comparisonErrorRead);
  const shown = useStore(shownRunOf);
  const overlaid = useStore(overlaidRunOf);
  return (
    <>
      {pair?.twin?.installed && !comparing && <RunSetup pair={pair} />}
      {error && <Notice tone="danger" message={error.message} hint={error.hint} onDismiss={errorRead} />}
      {comparing ? (
        <LiveRun run={comparing} overlaid={overlaid} />
      ) : (
        shown && <RunView run={shown} overlaid={overlaid} />
      )}
      {!comparing && !shown && pair?.twin?.installed && (
        <p className={styles.about}>
          Nothing has been compared yet. One press measures both models over growing context: how fast each
          writes, and what it holds in memory.
        </p>
      )}
      <History />
    </>
  );
}
