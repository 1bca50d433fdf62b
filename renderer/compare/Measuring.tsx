import { useEffect, useRef, useState } from 'react';
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
  const { place, said } = useTurns(comparing !== null);
  const ready = pair?.twin?.installed === true;
  return (
    <>
      {ready && !comparing && <RunSetup pair={pair} />}
      {error && <Notice tone="danger" message={error.message} hint={error.hint} onDismiss={errorRead} />}
      <p className="visually-hidden" role="status">
        {said}
      </p>
      <div ref={place} tabIndex={-1} className={styles.place}>
        {comparing ? (
          <LiveRun run={comparing} overlaid={overlaid} />
        ) : (
          shown && <RunView run={shown} overlaid={overlaid} />
        )}
        {!comparing && !shown && ready && (
          <p className={styles.about}>
            Nothing has been compared yet. One press measures both models over growing context: how fast each
            writes, and what it holds in memory.
          </p>
        )}
      </div>
      <History />
    </>
  );
}

/** When a run begins and ends, the button that was pressed goes: the focus follows the run, and who listens is told. */
function useTurns(running: boolean) {
  const place = useRef<HTMLDivElement>(null);
  const before = useRef(running);
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (before.current === running) return;
    before.current = running;
    setSaid(running ? 'The comparison has begun.' : 'The comparison has ended.');
    if (document.activeElement === document.body) place.current?.focus({ preventScroll: true });
  }, [running]);
  return { place, said };
}
