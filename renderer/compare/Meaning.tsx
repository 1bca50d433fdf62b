import type { CompareRun } from '../../electron/shared/contract.ts';
import { changeWords, curvesInWords, shareReached, shareWords } from '../../electron/shared/crossing.ts';
import { tokens } from '../ui/units.ts';
import styles from './Compare.module.css';
import { labelOf } from './words.ts';

interface MeaningProps {
  readonly run: CompareRun;
  readonly overlaid: CompareRun | null;
}

/**
 * What the curves of a run mean, in plain sentences; how near each model comes to what the memory allows; and what has
 * changed against the run that is drawn behind it.
 */
export function Meaning({ run: { models, provenance }, overlaid }: MeaningProps) {
  const [first, second] = models;
  if (!first || !second || first.contexts.length === 0 || second.contexts.length === 0) return null;
  const shares = models.flatMap(({ model, contexts }) => {
    const last = contexts.at(-1);
    const share = last ? shareReached(model, last, provenance) : null;
    return last && share !== null
      ? `${model.name} reaches ${shareWords(share)} at ${tokens(last.context)}.`
      : [];
  });
  const changes = models.flatMap((now) => {
    const before = overlaid?.models.find(({ model }) => model.id === now.model.id);
    return (before && changeWords(now, before)) ?? [];
  });
  return (
    <div className={styles.meaning}>
      <p>{curvesInWords(first, second).join(' ')}</p>
      {shares.length > 0 && <p className={styles.about}>{shares.join(' ')}</p>}
      {overlaid && changes.length > 0 && (
        <p className={styles.about}>
          Against the run of {labelOf(overlaid)}: {changes.join('; ')}.
        </p>
      )}
    </div>
  );
}
