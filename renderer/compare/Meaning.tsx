import type { CompareRun } from '../../electron/shared/contract.ts';
import { curvesInWords, shareReached, shareWords } from '../../electron/shared/crossing.ts';
import { tokens } from '../ui/units.ts';
import styles from './Compare.module.css';

/** What the curves of a run mean, in plain sentences, and how near each model comes to what the memory allows. */
export function Meaning({ run: { models, provenance } }: { run: CompareRun }) {
  const [first, second] = models;
  if (!first || !second || first.contexts.length === 0 || second.contexts.length === 0) return null;
  const shares = models.flatMap(({ model, contexts }) => {
    const last = contexts.at(-1);
    const share = last ? shareReached(model, last, provenance) : null;
    return last && share !== null
      ? `${model.name} reaches ${shareWords(share)} at ${tokens(last.context)}.`
      : [];
  });
  return (
    <div className={styles.meaning}>
      <p>{curvesInWords(first, second).join(' ')}</p>
      {shares.length > 0 && <p className={styles.about}>{shares.join(' ')}</p>}
    </div>
  );
}
