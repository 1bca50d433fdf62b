import { useRef } from 'react';
import type { CompareRun } from '../../electron/shared/contract.ts';
import { Disclosure } from '../ui/Disclosure.tsx';
import { Notice } from '../ui/Notice.tsx';
import styles from './Compare.module.css';
import { ExportRun } from './ExportRun.tsx';
import { Meaning } from './Meaning.tsx';
import { Plots } from './Plots.tsx';
import { Provenances } from './Provenances.tsx';
import { RunTable } from './RunTable.tsx';
import { dateOf, labelOf, namesOf, provenancesOf, requestInWords } from './words.ts';

/** A run that was made: what it means, its plots, where its figures come from, and the same as a table and as files. */
export function RunView({ run, overlaid }: { run: CompareRun; overlaid: CompareRun | null }) {
  const plots = useRef<HTMLDivElement>(null);
  const provenances = provenancesOf(run.provenance, overlaid);
  return (
    <section className={styles.section} aria-labelledby="compare-run">
      <h3 id="compare-run">
        {namesOf(run)}, {dateOf(run.provenance)}
      </h3>
      <p className={styles.about}>{requestInWords(run.request)}.</p>
      <Ended run={run} />
      <Meaning run={run} overlaid={overlaid} />
      <div ref={plots} className={styles.section}>
        <Plots
          models={run.models}
          request={run.request}
          bandwidth={run.provenance.bandwidth}
          overlaid={overlaid}
        />
      </div>
      <Provenances of={provenances} />
      <ExportRun run={run} plots={plots} notes={provenances} />
      <Disclosure summary="The same as a table">
        <RunTable run={run} of="" />
        {overlaid && <RunTable run={overlaid} of={`, ${labelOf(overlaid)}`} />}
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
