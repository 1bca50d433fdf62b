import { useMemo } from 'react';
import { areas, height, type Stack, width } from './plot.ts';
import styles from './StackPlot.module.css';

interface StackPlotProps extends Stack {
  readonly format: (value: number) => string;
  /** Under its left and right ends. */
  readonly ends: readonly [from: string, to: string];
  /** Of a stack beside it, so that both have one scale. */
  readonly most?: number;
  /** Drawn over the areas, dotted; null: nothing there. */
  readonly line?: { readonly colour: string; readonly values: readonly (number | null)[] };
}

/** A stack of amounts. It is a picture only: what it shows is to stand beside it in words. */
export function StackPlot({ times, layers, span, format, ends, most, line }: StackPlotProps) {
  const { paths, top, over } = useMemo(
    () => areas({ times, layers, span }, { most, line: line?.values }),
    [times, layers, span, most, line?.values],
  );
  return (
    <div className={styles.plot} aria-hidden="true">
      <span className={styles.top}>{format(top)}</span>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        {layers.map((layer, i) => (
          <path key={layer.name} d={paths[i]} fill={layer.colour} />
        ))}
        <path className={styles.grid} d={`M0 .5H${width}M0 ${height / 2}H${width}`} />
        {line && <path className={styles.line} d={over} stroke={line.colour} />}
      </svg>
      <span>{ends[0]}</span>
      <span>{ends[1]}</span>
    </div>
  );
}
