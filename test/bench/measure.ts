/** Statistics and the machine's name, as every benchmark prints them. */
import { spreadOf } from '../../electron/core/compare/measuring.ts';
import { loadAddon } from '../../native-mlx/addon.ts';

export { greedy } from '../../electron/core/compare/measuring.ts';

export const median = (values: readonly number[]): number => spreadOf(values).median;

/** "median (min to max of n)" with a unit. */
export function summary(values: readonly number[], unit: string, digits = 1): string {
  const f = (v: number) => v.toFixed(digits);
  return `${f(median(values))} ${unit} (${f(Math.min(...values))} to ${f(Math.max(...values))}, ${values.length} runs)`;
}

/** One measured quantity. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly runs: number;
}

export function figure(name: string, unit: string, values: readonly number[]): Figure {
  const { median, least, most, repeats } = spreadOf(values);
  return { name, unit, median, least, most, runs: repeats };
}

export function figureText({ name, unit, median, least, most, runs }: Figure): string {
  const digits = unit === 'bytes' ? 0 : unit === 'x' ? 3 : 1;
  const [middle, low, high] = [median, least, most].map((value) => value.toFixed(digits));
  return `${name}: ${middle} ${unit}${runs > 1 ? ` (${low} to ${high}, ${runs} runs)` : ''}`;
}

/** Machine, backend and date: what every figure of ours must name. */
export function provenance(addon = loadAddon()): string {
  const { name, backend, architecture, mlxVersion } = addon.device();
  return `${name}, ${backend} (${architecture}), MLX ${mlxVersion}, ${new Date().toISOString().slice(0, 10)}`;
}

/** Token ids that exercise the whole embedding: no text is needed to measure arithmetic. */
export function someIds(count: number, vocabulary: number): number[] {
  return Array.from({ length: count }, (_, i) => 100 + ((i * 7919) % (vocabulary - 200)));
}

/** The model under measure: LLAMBA_BENCH_MODEL, else the embedded one. */
export const modelPath =
  process.env.LLAMBA_BENCH_MODEL ?? new URL('../../models/embedded/llamba-135m', import.meta.url).pathname;
