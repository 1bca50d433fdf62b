/** The order of reading: columns one after the other, between the lines that run across them. */
import { isRightToLeft, type Segment, spanOf } from './rows.ts';

/** Regions in reading order; each holds the segments of one column, or of a band across. */
export function regionsOf(segments: readonly Segment[], depth = 0): Segment[][] {
  const gutter = depth < 4 ? findGutter(segments) : null;
  if (gutter === null) return segments.length > 0 ? [[...segments]] : [];
  const across = segments.filter((one) => crosses(one, gutter)).sort((a, b) => a.y - b.y);
  const backwards = isRightToLeft(segments.map(textOf).join(''));
  const regions: Segment[][] = [];
  let top = Number.NEGATIVE_INFINITY;
  const band = (bottom: number) => {
    const within = segments.filter((one) => !crosses(one, gutter) && one.y > top && one.y <= bottom);
    const left = within.filter(({ x1 }) => x1 <= gutter);
    const right = within.filter(({ x1 }) => x1 > gutter);
    for (const side of backwards ? [right, left] : [left, right]) regions.push(...regionsOf(side, depth + 1));
  };
  let wide: Segment[] = [];
  for (const line of across) {
    const between = segments.some((one) => !crosses(one, gutter) && one.y > top && one.y <= line.y);
    if (between) {
      if (wide.length > 0) regions.push(wide);
      wide = [];
      band(line.y);
    }
    wide.push(line);
    top = line.y;
  }
  if (wide.length > 0) regions.push(wide);
  band(Number.POSITIVE_INFINITY);
  return regions.filter((region) => region.length > 0);
}

const crosses = ({ x0, x1 }: Segment, x: number) => x0 < x && x1 > x;
const textOf = ({ fragments }: Segment) => fragments.map(({ text }) => text).join('');

/** Points; a column's gutter is at least twice as wide. */
const step = 3;

/** The x of the widest empty strip with columns of prose on both sides; null: there is none. */
function findGutter(segments: readonly Segment[]): number | null {
  if (segments.length < 8) return null;
  const [left, right] = spanOf(segments);
  const bins = Math.ceil((right - left) / step);
  if (!(bins > 20 && bins < 5000)) return null;
  const cover = new Int32Array(bins + 1);
  for (const { x0, x1 } of segments) {
    for (let bin = Math.floor((x0 - left) / step); bin <= (x1 - left) / step && bin < bins; bin++)
      cover[bin] = (cover[bin] as number) + 1;
  }
  // A few lines may run across: titles, wide figures' words.
  const few = 0.2 * cover.reduce((most, one) => Math.max(most, one));
  let best: { from: number; to: number } | null = null;
  let from = -1;
  for (let bin = Math.floor(0.12 * bins); bin <= 0.88 * bins; bin++) {
    const isFree = (cover[bin] as number) <= few;
    if (isFree && from < 0) from = bin;
    if (from >= 0 && (!isFree || bin + 1 > 0.88 * bins)) {
      const strip = { from, to: isFree ? bin + 1 : bin };
      if (isGutter(segments, middle(strip, left)) && (!best || strip.to - strip.from > best.to - best.from))
        best = strip;
      from = -1;
    }
  }
  return best ? middle(best, left) : null;
}

const middle = ({ from, to }: { from: number; to: number }, left: number) => left + ((from + to) / 2) * step;

function isGutter(segments: readonly Segment[], x: number): boolean {
  const sides = [segments.filter(({ x1 }) => x1 <= x), segments.filter(({ x0 }) => x0 >= x)] as const;
  const [a, b] = sides.map(extent) as [Extent, Extent];
  const shared = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return sides.every(isProse) && shared > 0.4 * Math.min(a.bottom - a.top, b.bottom - b.top) && shared > 0;
}

interface Extent {
  readonly top: number;
  readonly bottom: number;
}
function extent(segments: readonly Segment[]): Extent {
  let [top, bottom] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { y } of segments) [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  return { top, bottom };
}

/** Lines of prose fill their column and mostly go on within a sentence; cells of a table are short and begin anew. */
function isProse(side: readonly Segment[]): boolean {
  if (side.length < 4) return false;
  const [left, right] = spanOf(side);
  const width = right - left;
  const widths = side.map(({ x0, x1 }) => x1 - x0).sort((a, b) => a - b);
  const texts = side.map(textOf);
  const length = texts.reduce((sum, text) => sum + text.length, 0) / side.length;
  if (length < 12 || (widths[side.length >> 1] as number) < 0.3 * width) return false;
  const cased = texts.filter((text) => /^\P{L}*[\p{Lu}\p{Ll}]/u.test(text));
  const small = cased.filter((text) => /^\P{L}*\p{Ll}/u.test(text));
  return cased.length < side.length / 2 ? length >= 16 : small.length >= 0.3 * cased.length;
}
