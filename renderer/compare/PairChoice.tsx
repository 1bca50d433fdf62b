import { useId } from 'react';
import type { Pair } from '../../electron/shared/contract.ts';
import { useStore } from '../store.ts';
import styles from './Compare.module.css';
import { comparesNow } from './compare-state.ts';

interface PairChoiceProps {
  readonly pairs: readonly Pair[];
  readonly pair: Pair;
  readonly onChoose: (llamba: string) => void;
}

/** Which two; a choice only where there is one. */
export function PairChoice({ pairs, pair, onChoose }: PairChoiceProps) {
  const busy = useStore(comparesNow);
  const id = useId();
  return (
    <div className={styles.pair}>
      <label htmlFor={pairs.length > 1 ? id : undefined} data-architecture="llamba">
        {pairs.length > 1 ? 'Llamba' : pair.llamba.name}
      </label>
      {pairs.length > 1 && (
        <select
          id={id}
          value={pair.llamba.id}
          disabled={busy}
          onChange={(event) => onChoose(event.target.value)}
        >
          {pairs.map(({ llamba }) => (
            <option key={llamba.id} value={llamba.id}>
              {llamba.name}
            </option>
          ))}
        </select>
      )}
      <span>and its twin</span>
      <strong data-architecture="llama">{pair.twin?.name ?? 'none is known'}</strong>
    </div>
  );
}
