import { type ReactNode, useState } from 'react';
import type { Pair } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { unready, useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { Segments } from '../ui/Segments.tsx';
import styles from './Compare.module.css';
import { idsOf } from './words.ts';

/** Tokens in the state at which both are measured: the doublings show where lines bend and cross. */
const contexts = [0, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536];
const batches = [1, 2, 4, 8];

const reaches = [
  [4096, '4k'],
  [16_384, '16k'],
  [65_536, '64k'],
] as const;
const repetitions = [
  [1, 'once'],
  [3, '3 times'],
  [5, '5 times'],
] as const;
const sweeps = [
  ['on', 'up to 8'],
  ['off', 'no'],
] as const;

/** What a run measures, and the button that begins it. */
export function RunSetup({ pair }: { pair: Pair }) {
  const { compare } = useCommands();
  const cannot = useStore(unready);
  const [reach, setReach] = useState<4096 | 16_384 | 65_536>(4096);
  const [repeats, setRepeats] = useState<1 | 3 | 5>(3);
  const [sweep, setSweep] = useState<'on' | 'off'>('on');
  function begin() {
    if (cannot !== null) return;
    const upTo = contexts.filter((context) => context <= reach);
    compare({ models: idsOf(pair), contexts: upTo, batches: sweep === 'on' ? batches : [], repeats });
  }
  return (
    <div className={styles.setup}>
      <Choice label="Context up to, tokens">
        {(label) => <Segments label={label} options={reaches} value={reach} onChange={setReach} />}
      </Choice>
      <Choice label="Measure each">
        {(label) => <Segments label={label} options={repetitions} value={repeats} onChange={setRepeats} />}
      </Choice>
      <Choice label="Sequences at once">
        {(label) => <Segments label={label} options={sweeps} value={sweep} onChange={setSweep} />}
      </Choice>
      <Button look="accent" icon="play" aria-disabled={cannot !== null} onClick={begin}>
        Compare
      </Button>
      <p className={styles.note}>
        {cannot ??
          'Nothing else runs meanwhile, so that the figures are honest. On a small machine it takes some minutes.'}
      </p>
    </div>
  );
}

/** A label that is seen; who listens hears it as the name of the group. */
function Choice({ label, children }: { label: string; children: (label: string) => ReactNode }) {
  return (
    <div className={styles.choice}>
      <span aria-hidden="true">{label}</span>
      {children(label)}
    </div>
  );
}
