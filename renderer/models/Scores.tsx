import type { Score } from '../../electron/shared/contract.ts';
import { Disclosure } from '../ui/Disclosure.tsx';
import styles from './ModelCard.module.css';
import { bySource, labelOfSource } from './words.ts';

/** What others measured, each with who did; never beside a figure of this app. */
export function Scores({ scores }: { scores: readonly Score[] }) {
  if (scores.length === 0) return null;
  return (
    <Disclosure summary="Scores that others measured">
      {bySource(scores).map(([source, measured]) => (
        <figure key={source} className={styles.scores}>
          <figcaption>
            <strong>{labelOfSource(source)}</strong> {source}
          </figcaption>
          <dl>
            {measured.map(({ name, value, unit }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{unit === '%' ? `${value} %` : `${value} ${unit}`}</dd>
              </div>
            ))}
          </dl>
        </figure>
      ))}
    </Disclosure>
  );
}
