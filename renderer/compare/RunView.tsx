import type { CompareRun } from '../../electron/shared/contract.ts';
import { Disclosure } from '../ui/Disclosure.tsx';
import { Notice } from '../ui/Notice.tsx';
import styles from './Compare.module.css';
import { Plots } from './Plots.tsx';
import { RunTable } from './RunTable.tsx';
import { dateOf, namesOf, provenanceInWords } from './words.ts';

/** A run that was made: what it means, its plots, where its figures come from, and the same as a table and as files. */
export function RunView({ run, overlaid }: { run: CompareRun; overlaid: CompareRun | null }) {
  const { models, provenance } = run;
  return (
    <section className={styles.section} aria-labelledby="compare-run">
      <h3 id="compare-run">
        {namesOf(run)}, {dateOf(provenance)}
      </h3>
      <Ended run={run} />
      <Plots models={models} request={run.request} bandwidth={provenance.bandwidth} overlaid={overlaid} />
      <ul className={styles.provenance} aria-label="Where the figures come from">
        <li>{provenanceInWords(provenance)}.</li>
      </ul>
      <Disclosure summary="The same as a table">
        <RunTable models={models} />
      </Disclosure>
    </section>
  );
}

/** Why a run has fewer points than were asked for. */
function Ended({ run }: { run: CompareRun }) {
  const { phase, error, models } = run;
  return (
    <>
      {phase === 'cancelled' && (
        <Notice tone="info" message="It was cancelled: these are the figures so far." />
      )}
      {phase === 'failed' && error && <Notice tone="danger" message={error.message} hint={error.hint} />}
      {models.map(
        ({ model, ended }) =>
          ended && (
            <Notice
              key={model.id}
              tone="caution"
              message={`${model.name}: ${ended.message}`}
              hint={ended.hint}
            />
          ),
      )}
    </>
  );
}
