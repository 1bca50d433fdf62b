/** How memory went: samples to a verdict. Pure. */
import { median } from '../bench/measure.ts';

export interface Sample {
  /** ms since the start. */
  readonly at: number;
  readonly host: number;
  readonly engine: number;
  /** Of the engine, what MLX counts: in use, and kept for use again. */
  readonly active: number;
  readonly cache: number;
  readonly states: number;
}

export interface Growth {
  /** Medians of the first and the last quarter after the warm-up, bytes. */
  readonly first: number;
  readonly last: number;
  /** last / first - 1 */
  readonly growth: number;
  /** Of the line through all samples after the warm-up (Theil-Sen), over their whole time, as a part of `first`. */
  readonly trend: number;
}

/**
 * ms until MLX has filled its cache of buffers up to its limit, code is compiled and the sessions have reached their
 * number: measured 3 minutes on two cores, so 4 at least, and a fifth of a long run; never more than half.
 */
export const warmUp = (end: number): number => Math.min(end / 2, Math.max(end / 5, 4 * 60_000));

export function growthOf(samples: readonly Sample[], of: 'host' | 'engine'): Growth {
  const end = samples.at(-1)?.at ?? 0;
  const warm = samples.filter(({ at }) => at >= warmUp(end));
  const quarter = Math.ceil(warm.length / 4);
  const middle = (part: readonly Sample[]) => median(part.map((sample) => sample[of]));
  const first = middle(warm.slice(0, quarter));
  const last = middle(warm.slice(-quarter));
  const span = end - (warm[0]?.at ?? 0);
  return { first, last, growth: last / first - 1, trend: (slopeOf(warm, of) * span) / first };
}

/** Bytes a ms: the median of the slopes between any two samples, which no single peak can turn. */
function slopeOf(samples: readonly Sample[], of: 'host' | 'engine'): number {
  const step = Math.ceil(samples.length / 300); // 45,000 pairs are enough
  const some = samples.filter((_, i) => i % step === 0);
  const slopes = some.flatMap((a, i) => some.slice(i + 1).map((b) => (b[of] - a[of]) / (b.at - a.at)));
  return slopes.length > 0 ? median(slopes) : 0;
}

/** Grown: by more than `limit`, at both ends and as a trend; a single peak or a late garbage collection is neither. */
export const hasGrown = ({ growth, trend }: Growth, limit: number): boolean =>
  Math.min(growth, trend) > limit;
