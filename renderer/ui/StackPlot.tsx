import { useMemo } from 'react';
import { areas, height, type Stack, width } from './plot.ts';
import styles from './StackPlot.module.css';

interface StackPlotProps extends Stack {
  readonly format: (value: number) => string;
}

/** A live stack of amounts. It is a picture only: what it shows is to stand beside it in words. */
export function StackPlot({ times, layers, span, format }: StackPlotProps) {
  const { paths, top } = useMemo(() => areas({ times, layers, span }), [times, layers, span]);
  return (
    <div className={styles.plot} aria-hidden="true">
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        {layers.map((layer, i) => (
          <path key={layer.name} d={paths[i]} fill={layer.colour} />
        ))}
        <path className={styles.line} d={`M0 .5H${width}M0 ${height / 2}H${width}`} />
      </svg>
      <span className={styles.top}>{format(top)}</span>
      <span className={styles.from}>{span < 60_000 ? `${span / 1000} s` : `${span / 60_000} min`} ago</span>
      <span className={styles.now}>now</span>
    </div>
  );
}
