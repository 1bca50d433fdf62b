/** The arithmetic of line plots: from values to places in px. A plot knows no unit; its caller names them. */

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  /** The bar through the point, where it was measured more than once. */
  readonly least?: number;
  readonly most?: number;
}

export interface PlotLine {
  readonly key: string;
  readonly name: string;
  /** A CSS colour, best one of the --plot tokens. */
  readonly colour: string;
  /** faint: of another time; thin: computed; dashed: quoted from others; dotted: beside the main one of its colour. */
  readonly look: 'solid' | 'faint' | 'thin' | 'dashed' | 'dotted';
  /** What stands on its points, so that lines are told apart without their colours. */
  readonly mark: 'dot' | 'square' | null;
  readonly points: readonly PlotPoint[];
}

/** A place worth a name, such as where two lines cross. */
export interface PlotMark {
  readonly x: number;
  readonly y: number;
  readonly label: string;
}

export type Scale = (value: number) => number;

export interface Tick {
  readonly value: number;
  /** Place along its axis, px. */
  readonly at: number;
}

export interface Box {
  readonly width: number;
  readonly height: number;
}

/** Room in px around the lines, for what is written on the axes. */
export const margin = { left: 46, right: 14, top: 12, bottom: 22 };

/** px between the middles of two labels on the x axis; the last may lie to the left of its place. */
const labelWidth = 56;

/** A fifth, a half or a whole power of ten, so that about `count` steps reach `top`. */
export function niceStep(top: number, count: number): number {
  const raw = top / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 5].find((step) => step * power >= raw) ?? 10) * power;
}

/** Values on a linear axis from 0 to the first one at or above `top`. */
export function linearTicks(top: number, count = 4): number[] {
  const step = niceStep(top > 0 ? top : 1, count);
  const steps = Math.max(1, Math.ceil((top > 0 ? top : 1) / step - 1e-9));
  return Array.from({ length: steps + 1 }, (_, i) => i * step);
}

/** 1, 2 and 5 times powers of ten around what lies between `least` and `most`; above a hundredfold only the powers. */
export function logTicks(least: number, most: number): number[] {
  const steps = most / least > 100 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(least)); power <= most * 10; power *= 10)
    ticks.push(...steps.map((step) => step * power));
  const from = ticks.findLastIndex((tick) => tick <= least * (1 + 1e-9));
  const to = ticks.findIndex((tick) => tick >= most * (1 - 1e-9));
  return ticks.slice(Math.max(0, from), to + 1);
}

/** From the least to the most of `xs`. Bent, doublings are even steps and 0 has a place: the logarithm of 1 + x / unit. */
export function xScale(xs: readonly number[], log: boolean, { width }: Pick<Box, 'width'>): Scale {
  const [from, to] = [margin.left, width - margin.right];
  const most = Math.max(1, ...xs);
  const unit = Math.min(...xs.filter((x) => x > 0), most);
  const bend: Scale = log ? (x) => Math.log1p(x / unit) : (x) => x;
  const start = bend(Math.min(...xs, most));
  const span = bend(most) - start || 1;
  return (x) => from + ((bend(x) - start) / span) * (to - from);
}

export function yScale(ticks: readonly number[], log: boolean, { height }: Box): Scale {
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const bend: Scale = log ? Math.log : (y) => y;
  const span = bend(high) - bend(low) || 1;
  const room = height - margin.top - margin.bottom;
  return (y) => margin.top + room * (1 - (bend(y) - bend(low)) / span);
}

/** Each of `values` that has room for its label, the last one before all others. */
export function spaced(values: readonly number[], scale: Scale): Tick[] {
  const kept: Tick[] = [];
  for (const value of [...values].reverse()) {
    const at = scale(value);
    if (kept.length === 0 || (kept.at(-1)?.at ?? 0) - at >= labelWidth) kept.push({ value, at });
  }
  return kept.reverse();
}

export interface PlotPlan {
  readonly x: Scale;
  readonly y: Scale;
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
}

/**
 * `unit`: y ticks are round multiples of it, up to `reach` at least. `xs`: all of the x axis that is labelled; no point
 * lies outside.
 */
export function planPlot(
  lines: readonly PlotLine[],
  xs: readonly number[],
  {
    logX,
    logY,
    unit,
    box,
    reach = 0,
  }: { logX: boolean; logY: boolean; unit: number; box: Box; reach?: number },
): PlotPlan {
  const points = lines.flatMap((line) => line.points);
  const values = points.map((point) => (point.most ?? point.y) / unit);
  const lows = points.map((point) => (point.least ?? point.y) / unit).filter((value) => value > 0);
  const most = Math.max(reach / unit, ...values);
  const ticks = (logY ? logTicks(Math.min(...lows, most), most) : linearTicks(most)).map((t) => t * unit);
  const [x, y] = [xScale(xs, logX, box), yScale(ticks, logY, box)];
  return { x, y, xTicks: spaced(xs, x), yTicks: ticks.map((value) => ({ value, at: y(value) })) };
}

/** Pieces of a line between two points: on a bent axis, what is straight between two values is no straight line. */
const pieces = 8;

/** `values` with those between them, evenly. */
export const between = (values: readonly number[]): number[] =>
  values.flatMap((value, i) => {
    const next = values[i + 1];
    if (next === undefined) return [value];
    return Array.from({ length: pieces }, (_, piece) => value + ((next - value) * piece) / pieces);
  });

/** The height at `x` of the straight lines between the points; null outside of them. */
export function heightAt(points: readonly PlotPoint[], x: number): number | null {
  const at = points.findIndex((point) => point.x >= x);
  const [before, after] = [points[at - 1], points[at]];
  if (!after || (!before && after.x !== x)) return null;
  return before ? before.y + ((after.y - before.y) * (x - before.x)) / (after.x - before.x) : after.y;
}

/** An SVG path through the points. */
export function pathOf(points: readonly PlotPoint[], { x, y }: Pick<PlotPlan, 'x' | 'y'>): string {
  if (points.length < 2) return '';
  const [xs, ys] = [between(points.map((point) => point.x)), between(points.map((point) => point.y))];
  return `M${xs.map((value, i) => `${x(value).toFixed(1)} ${y(ys[i] ?? 0).toFixed(1)}`).join('L')}`;
}

/** Which of `xs` lies nearest to the place `at`, px. */
export const nearest = (xs: readonly number[], at: number, x: Scale): number | null =>
  xs.reduce<number | null>(
    (best, value) => (best === null || Math.abs(x(value) - at) < Math.abs(x(best) - at) ? value : best),
    null,
  );
