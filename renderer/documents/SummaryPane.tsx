import { useEffect, useRef, useState } from 'react';
import type { DocumentEntry, Summary } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { useStore } from '../store.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Disclosure } from '../ui/Disclosure.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Progress } from '../ui/Progress.tsx';
import { count } from '../ui/units.ts';
import styles from './Summary.module.css';
import { SummaryForm } from './SummaryForm.tsx';
import { Modelled, Notes, SummaryResult } from './SummaryResult.tsx';
import type { Summarizing } from './summaries-state.ts';
import { dayAndTime, lengths, styles as names, stepOf } from './words.ts';

const none: readonly Summary[] = [];

/** Summaries of a document: one to ask for, the one being written, those that were. */
export function SummaryPane({ document }: { document: DocumentEntry }) {
  const summaries = useStore((state) => state.summaries[document.id] ?? none);
  const now = useStore((state) => state.summarizing[document.id]);
  const [chosen, setChosen] = useState<string | null>(null);
  const latest = summaries[0];
  // biome-ignore lint/correctness/useExhaustiveDependencies: what has just been written is what one wants to see
  useEffect(() => setChosen(null), [latest?.id]);
  const [written, setWritten] = useState(false);
  const before = useRef(now);
  useEffect(() => {
    setWritten(before.current?.phase === 'writing' && !now);
    before.current = now;
  }, [now]);
  const shown = summaries.find(({ id }) => id === chosen) ?? latest;
  const busy = now?.phase === 'writing' || now?.phase === 'stopping';
  return (
    <section className={styles.pane} aria-label="Summary">
      {!busy && <SummaryForm document={document} />}
      {now && <UnderWay document={document.id} now={now} />}
      {!busy && shown && <SummaryResult key={shown.id} document={document} summary={shown} />}
      {!busy && summaries.length > 1 && (
        <Earlier summaries={summaries} shown={shown?.id ?? null} onChoose={setChosen} />
      )}
      <p className="visually-hidden" role="status">
        {written && 'The summary is written.'}
      </p>
    </section>
  );
}

/** The summary on its way: how far, what it would be now, the notes it is made from. */
function UnderWay({ document, now }: { document: string; now: Summarizing }) {
  const { stopSummary } = useCommands();
  const dismiss = useStore((state) => state.summaryDismissed);
  const { phase, error, notes, sentences, request } = now;
  if (phase === 'failed' && error) {
    return (
      <Notice tone="danger" message={error.message} hint={error.hint} onDismiss={() => dismiss(document)} />
    );
  }
  if (phase === 'stopped') {
    return (
      <Notice
        tone="info"
        message="Stopped."
        hint="The notes that were written are kept and used next time."
        onDismiss={() => dismiss(document)}
      />
    );
  }
  return (
    <>
      <div className={styles.progress}>
        <Progress label={stepOf(now)} done={now.done} total={now.total} />
        <Button aria-disabled={phase === 'stopping'} onClick={() => stopSummary(document)}>
          Cancel
        </Button>
      </div>
      {sentences.length > 0 && (
        <Modelled caption="So far" document={document} style={request.style} sentences={sentences} />
      )}
      <Notes document={document} notes={notes} open />
    </>
  );
}

function Earlier({
  summaries,
  shown,
  onChoose,
}: {
  summaries: readonly Summary[];
  shown: string | null;
  onChoose: (summary: string) => void;
}) {
  const { removeSummary } = useCommands();
  return (
    <Disclosure summary={`All ${count(summaries.length)} summaries`}>
      <ul className={styles.earlier}>
        {summaries.map(({ id, document, at, style, length, focus }) => (
          <li key={id}>
            <button type="button" aria-pressed={id === shown} onClick={() => onChoose(id)}>
              <span>
                {names[style]}, {lengths[length].toLowerCase()}
                {focus && `, about ${focus}`}
              </span>
              <span className={styles.quiet}>{dayAndTime(at)}</span>
            </button>
            <IconButton
              icon="trash"
              label={`Remove the summary of ${dayAndTime(at)}`}
              size="small"
              tip="above-left"
              onClick={() => removeSummary(document, id)}
            />
          </li>
        ))}
      </ul>
    </Disclosure>
  );
}
