import styles from './Figure.module.css';

interface FigureProps {
  readonly name: string;
  readonly value: string;
  /** Ties it to a colour of a plot: of an area, or of a dotted line. */
  readonly swatch?: string;
  readonly dotted?: boolean;
}

/** Name and figure on one line of a `dl`. */
export function Figure({ name, value, swatch, dotted = false }: FigureProps) {
  return (
    <div className={styles.figure}>
      <dt>
        {swatch && <i style={{ color: swatch }} className={dotted ? styles.dotted : undefined} />}
        {name}
      </dt>
      <dd>{value}</dd>
    </div>
  );
}
