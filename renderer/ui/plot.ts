/** The arithmetic of plots: from amounts over time to SVG paths. */

export interface Layer {
  readonly name: string;
  /** A CSS colour, best one of the --plot tokens. */
  readonly colour: string;
  /** One per time, same unit for all layers. */
  readonly values: readonly number[];
}

export interface Stack {
  /** In ms, rising; the newest is the right edge. */
  readonly times: readonly number[];
  /** From the bottom up. */
  readonly layers: readonly Layer[];
  /** Width of the plot in ms. */
  readonly span: number;
}

export const width = 240;
export const height = 88;

/** The next quarter step between powers of two that leaves a tenth of air above `peak`. */
export function ceiling(peak: number): number {
  const wanted = Math.max(1, peak * 1.1);
  const power = 2 ** Math.floor(Math.log2(wanted));
  return [1, 1.25, 1.5, 1.75, 2].map((step) => step * power).find((top) => top >= wanted) ?? 2 * power;
}

interface Beside {
  /** The most of a stack that is drawn beside it. */
  readonly most?: number | undefined;
  /** One per time, drawn over the areas; null: nothing there. */
  readonly line?: readonly (number | null)[] | undefined;
}

/** Areas on top of each other over time, as SVG paths in a box of `width` by `height`. */
export function areas({ times, layers, span }: Stack, { most = 0, line = [] }: Beside = {}) {
  const totals = times.map((_, i) => layers.reduce((sum, layer) => sum + (layer.values[i] ?? 0), 0));
  const top = ceiling(Math.max(most, ...totals, ...line.map((value) => value ?? 0)));
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
  const places = line.flatMap((value, i) => (value === null ? [] : `${x(times[i] ?? 0)} ${y(value)}`));
  return { paths, top, over: places.length > 1 ? `M${places.join('L')}` : '' };
}
