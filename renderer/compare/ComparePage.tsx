import { useEffect, useState } from 'react';
import type { Pair } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { Notices } from '../app/Notices.tsx';
import { useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Segments } from '../ui/Segments.tsx';
import styles from './Compare.module.css';
import { Measuring } from './Measuring.tsx';
import { PairChoice } from './PairChoice.tsx';
import { SideBySide } from './SideBySide.tsx';
import { Twin } from './Twin.tsx';

const modes = [
  ['measure', 'Measure'],
  ['side', 'Side by side'],
] as const;

/** A Llamba beside its twin on this machine: measured over growing context, or answering the same prompt at once. */
export function ComparePage() {
  const pairs = useStore((state) => state.pairs);
  const error = useStore((state) => state.compareError);
  const [chosen, setChosen] = useState<string | null>(null);
  const [mode, setMode] = useState<'measure' | 'side'>(
    useStore(({ siding }) => (siding ? 'side' : 'measure')),
  );
  useReading();
  const pair = pairs ? pairOf(pairs, chosen) : null;
  return (
    <main className={styles.page}>
      <div className={styles.column}>
        <header className={styles.head}>
          <h2>Compare</h2>
          <Segments label="What to compare" options={modes} value={mode} onChange={setMode} />
        </header>
        <p className={styles.about}>
          A Llamba and the Transformer it was distilled from, on your own machine, with the same text.
        </p>
        <Notices />
        {error && <ReadingFailed />}
        {!pairs && !error && <p role="status">Looking for models to compare…</p>}
        {pairs && !pair && <NoPair />}
        {pairs && pair && (
          <>
            <PairChoice pairs={pairs} pair={pair} onChoose={setChosen} />
            <Twin pair={pair} />
          </>
        )}
        {mode === 'measure' ? <Measuring pair={pair} /> : <SideBySide pair={pair} />}
      </div>
    </main>
  );
}

/** The one that was chosen; the embedded one, which every machine has, until then. */
const pairOf = (pairs: readonly Pair[], chosen: string | null): Pair | null =>
  pairs.find(({ llamba }) => llamba.id === chosen) ??
  pairs.find(({ twin }) => twin?.embedded) ??
  pairs[0] ??
  null;

/** Reads pairs and runs when the page is shown, when the connection is back, and when models came or went. */
function useReading() {
  const { readComparisons } = useCommands();
  const connected = useStore(({ connection }) => connection.phase === 'open');
  const entries = useStore((state) => state.entries);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `entries` says that models came or went
  useEffect(() => {
    if (connected) void readComparisons();
  }, [connected, entries, readComparisons]);
}

function ReadingFailed() {
  const error = useStore((state) => state.compareError);
  const { readComparisons } = useCommands();
  if (!error) return null;
  return (
    <Notice
      tone="danger"
      message={`What can be compared could not be read. ${error.message}`}
      hint={error.hint}
      action={
        <Button icon="retry" onClick={() => void readComparisons()}>
          Try again
        </Button>
      }
    />
  );
}

function NoPair() {
  const { showPage } = useCommands();
  return (
    <div className={styles.card}>
      <p>There is no Llamba on this computer yet. Once there is one, it can be compared with its twin.</p>
      <div className={styles.actions}>
        <Button look="accent" onClick={() => showPage('models')}>
          See models
        </Button>
      </div>
    </div>
  );
}
