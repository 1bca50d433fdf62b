import { useEffect, useRef } from 'react';
import type { CompareRun } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { Confirm } from '../models/Confirm.tsx';
import { useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import styles from './Compare.module.css';
import { overlaidRunOf, shownRunOf } from './compare-state.ts';
import { dateOf, deviceOf, namesOf, requestInWords } from './words.ts';

/** The runs that were kept: shown, drawn behind the one that is shown, or removed. */
export function History() {
  const runs = useStore((state) => state.compareRuns);
  const comparing = useStore((state) => state.comparing !== null);
  const shown = useStore(shownRunOf);
  const title = useRef<HTMLHeadingElement>(null);
  const count = runs?.length ?? 0;
  const before = useRef(count);
  useEffect(() => {
    // The row that had the focus is gone.
    if (count < before.current && document.activeElement === document.body) title.current?.focus();
    before.current = count;
  }, [count]);
  if (!runs || runs.length === 0) return null;
  return (
    <section className={styles.section} aria-labelledby="compare-history">
      <h3 ref={title} tabIndex={-1} id="compare-history">
        Earlier runs
      </h3>
      <ul className={styles.runs}>
        {runs.map((run) => (
          <Row key={run.id} run={run} shown={!comparing && run === shown} />
        ))}
      </ul>
    </section>
  );
}

const phases = { done: '', cancelled: ', cancelled', failed: ', failed' } as const;

function Row({ run, shown }: { run: CompareRun; shown: boolean }) {
  const { removeComparison } = useCommands();
  const { runShown, runOverlaid } = useStore((state) => state);
  const comparing = useStore((state) => state.comparing !== null);
  const overlaid = useStore((state) => overlaidRunOf(state) === run);
  const date = dateOf(run.provenance);
  return (
    <li aria-current={shown ? 'true' : undefined}>
      <div className={styles.run}>
        <p>
          <strong>{date}</strong>
          {phases[run.phase]}
        </p>
        <p className={styles.note}>
          {namesOf(run)}. {requestInWords(run.request)}. {deviceOf(run.provenance)}.
        </p>
      </div>
      <div className={styles.actions}>
        <Button aria-disabled={shown || comparing} onClick={() => shown || comparing || runShown(run.id)}>
          {shown ? 'Shown' : 'Open'}
          <span className="visually-hidden"> the run of {date}</span>
        </Button>
        <Button
          aria-pressed={overlaid}
          aria-disabled={shown}
          onClick={() => shown || runOverlaid(overlaid ? null : run.id)}
        >
          Draw behind
          <span className="visually-hidden">, the run of {date}</span>
        </Button>
        <Confirm
          label="Remove"
          of={`the run of ${date}`}
          question={`The figures of ${date} are gone then.`}
          verb="Remove"
          onConfirm={() => removeComparison(run.id)}
        />
      </div>
    </li>
  );
}
