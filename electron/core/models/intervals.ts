/** Which bytes of a file are there: half-open intervals, in order, never touching. Pure. */

export type Interval = readonly [from: number, to: number];

/** `intervals` with `added` in it. */
export function withInterval(intervals: readonly Interval[], added: Interval): Interval[] {
  let [from, to] = added;
  if (from >= to) return [...intervals];
  const [before, after]: [Interval[], Interval[]] = [[], []];
  for (const interval of intervals) {
    if (interval[1] < from) before.push(interval);
    else if (interval[0] > to) after.push(interval);
    else [from, to] = [Math.min(from, interval[0]), Math.max(to, interval[1])];
  }
  return [...before, [from, to], ...after];
}

/** What of [0, end) is in none of them. */
export function gaps(intervals: readonly Interval[], end: number): Interval[] {
  const found: Interval[] = [];
  let at = 0;
  for (const [from, to] of [...intervals, [end, end] as const]) {
    if (from > at) found.push([at, Math.min(from, end)]);
    at = Math.max(at, to);
    if (at >= end) break;
  }
  return found;
}

export const bytesIn = (intervals: readonly Interval[]): number =>
  intervals.reduce((sum, [from, to]) => sum + to - from, 0);

/** Bytes from the start without a gap. */
export const prefixOf = ([first]: readonly Interval[]): number => (first?.[0] === 0 ? first[1] : 0);

const mebibyte = 2 ** 20;

/**
 * The next piece to ask for of what is neither there nor asked for; null: all of it is. Pieces go in order, so that the
 * checksum can follow; they are long while much is left and short towards the end, so that no connection is left with
 * a long rest: at most 64 MiB, at least 1 MiB.
 */
export function nextPiece(taken: readonly Interval[], end: number, connections: number): Interval | null {
  const open = gaps(taken, end);
  const [first] = open;
  if (!first) return null;
  const share = Math.ceil(bytesIn(open) / (2 * connections));
  const size = Math.min(64 * mebibyte, Math.max(mebibyte, share));
  return [first[0], Math.min(first[1], first[0] + size)];
}
