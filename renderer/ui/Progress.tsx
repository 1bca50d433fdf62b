import styles from './Progress.module.css';

/** A thin bar with its sentence above: `label` says what is done in words, so the bar is only its picture. `total` 0: not known. */
export function Progress({ label, done, total }: { label: string; done: number; total: number }) {
  const share = total > 0 ? Math.min(1, done / total) : null;
  return (
    <div className={styles.progress}>
      <span className={styles.label} aria-hidden="true">
        {label}
      </span>
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={share === null ? undefined : Math.round(share * 100)}
        className={styles.track}
      >
        <div
          className={styles.done}
          data-unknown={share === null}
          style={share === null ? {} : { transform: `scaleX(${share})` }}
        />
      </div>
    </div>
  );
}
