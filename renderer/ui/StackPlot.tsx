import { useMemo } from 'react';
import styles from './StackPlot.module.css';

export interface Layer {
  readonly name: string;
  /** A CSS colour, best one of the --plot tokens. */
  readonly colour: string;
  /** One per time, same unit for all layers. */
  readonly values: readonly number[];
}

interface StackPlotProps {
  /** In ms, rising; the newest is the right edge. */
  readonly times: readonly number[];
  /** From the bottom up. */
  readonly layers: readonly Layer[];
  /** Width of the plot in ms. */
  readonly span: number;
  readonly format: (value: number) => string;
}

const width = 240;
const height = 88;

/** The next of 1, 2, 2.5, 5, 10 times a power of two or ten that leaves a tenth of air above `peak`. */
export function ceiling(peak: number): number {
  const wanted = Math.max(1, peak * 1.1);
  const power = 2 ** Math.floor(Math.log2(wanted));
  return [1, 1.25, 1.5, 1.75, 2].map((step) => step * power).find((top) => top >= wanted) ?? 2 * power;
}

/** Areas on top of each other over time, as SVG paths in a box of `width` by `height`. */
export function areas({ times, layers, span }: Pick<StackPlotProps, 'times' | 'layers' | 'span'>) {
  const totals = times.map((_, i) => layers.reduce((sum, layer) => sum + (layer.values[i] ?? 0), 0));
  const top = ceiling(Math.max(0, ...totals));
  const newest = times.at(-1) ?? 0;
  const x = (time: number) => (width * (1 - (newest - time) / span)).toFixed(1);
  const y = (value: number) => (height * (1 - value / top)).toFixed(1);
  let floor = times.map(() => 0);
  const paths = layers.map((layer) => {
    const roof = floor.map((value, i) => value + (layer.values[i] ?? 0));
    const over = times.map((time, i) => `${x(time)} ${y(roof[i] ?? 0)}`);
    const under = times.map((time, i) => `${x(time)} ${y(floor[i] ?? 0)}`).reverse();
    floor = roof;
    return times.length > 1 ? `M${over.join('L')}L${under.join('L')}Z` : '';
  });
  return { paths, top };
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
      <span className={styles.from}>{Math.round(span / 60_000)} min ago</span>
      <span className={styles.now}>now</span>
    </div>
  );
}
