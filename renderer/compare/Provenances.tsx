import styles from './Compare.module.css';

/** Where the figures on the screen come from, a sentence for each run. */
export const Provenances = ({ of }: { of: readonly string[] }) => (
  <ul className={styles.provenance} aria-label="Where the figures come from">
    {of.map((from) => (
      <li key={from}>{from}</li>
    ))}
  </ul>
);
