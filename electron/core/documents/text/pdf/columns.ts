/** The order of reading: columns one after the other, between the lines that run across them. */
import { isRightToLeft, type Segment, spanOf } from './rows.ts';

/** Regions in reading order; each holds the segments of one column, or of a band across. */
export function regionsOf(segments: readonly Segment[], depth = 0): Segment[][] {
  const gutter = depth < 4 ? findGutter(segments) : null;
  if (gutter === null) {
    const parts = depth < 2 && segments.length <= mostOfText ? cut(segments) : null;
    if (parts) return parts.flatMap((part) => regionsOf(part, depth + 1));
    return segments.length > 0 ? [[...segments]] : [];
  }
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

/** A page of more pieces is a map or a drawing. */
const mostOfText = 2000;
/** Gaps that are tried, the largest first. */
const mostCuts = 6;

/** Above and below a gap, where only one of both has columns: a figure or a listing takes the rest of the page's width. */
function cut(segments: readonly Segment[]): readonly [Segment[], Segment[]] | null {
  const sorted = [...segments].sort((a, b) => a.y - b.y);
  const gaps = sorted
    .slice(1)
    .map((one, i) => ({ at: i + 1, gap: one.y - (sorted[i] as Segment).y, size: one.size }))
    .filter(({ gap, size }) => gap > 1.3 * size)
    .sort((a, b) => b.gap - a.gap);
  for (const { at } of gaps.slice(0, mostCuts)) {
    const parts = [sorted.slice(0, at), sorted.slice(at)] as const;
    if (parts.some((part) => hasColumns(part))) return parts;
  }
  return null;
}

function hasColumns(segments: readonly Segment[]): boolean {
  const gutter = findGutter(segments);
  return gutter !== null && isGutter(segments, gutter, true);
}

const crosses = ({ x0, x1 }: Segment, x: number) => x0 < x && x1 > x;
const textOf = ({ fragments }: Segment) => fragments.map(({ text }) => text).join('');

/** Points; a column's gutter is at least twice as wide. */
const step = 3;

/** Shares of the fullest place that may run across a gutter: a first page has its title and authors above two columns. */
const mostAcross = [0.2, 0.35, 0.5] as const;

/** The x of the widest strip that hardly anything crosses, with columns of prose on both sides; null: there is none. */
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
  const most = cover.reduce((most, one) => Math.max(most, one));
  for (const share of mostAcross) {
    const surely = share > mostAcross[0];
    const gutter = widest(cover, bins, share * most, (strip) =>
      isGutter(segments, middle(strip, left), surely),
    );
    if (gutter) return middle(gutter, left);
  }
  return null;
}

interface Strip {
  readonly from: number;
  readonly to: number;
}

/** Of the strips with at most `few` over each of their bins, not at a page's edges, the widest that `fits`. */
function widest(cover: Int32Array, bins: number, few: number, fits: (strip: Strip) => boolean): Strip | null {
  let best: Strip | null = null;
  let from = -1;
  for (let bin = Math.floor(0.12 * bins); bin <= 0.88 * bins; bin++) {
    const isFree = (cover[bin] as number) <= few;
    if (isFree && from < 0) from = bin;
    if (from >= 0 && (!isFree || bin + 1 > 0.88 * bins)) {
      const strip = { from, to: isFree ? bin + 1 : bin };
      if (fits(strip) && (!best || strip.to - strip.from > best.to - best.from)) best = strip;
      from = -1;
    }
  }
  return best;
}

const middle = ({ from, to }: Strip, left: number) => left + ((from + to) / 2) * step;

/** `surely`: only lines that fill their columns count, as a form's words do not. */
function isGutter(segments: readonly Segment[], x: number, surely: boolean): boolean {
  const sides = [segments.filter(({ x1 }) => x1 <= x), segments.filter(({ x0 }) => x0 >= x)] as const;
  const [a, b] = sides.map(extent) as [Extent, Extent];
  const shared = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return (
    sides.every(surely ? isFilled : isProse) &&
    shared > 0.4 * Math.min(a.bottom - a.top, b.bottom - b.top) &&
    shared > 0
  );
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

/** Where something is to be written, or a page number is led to. */
const dots = /([._·…]\s?){3,}/g;

/** Lines of prose fill their column and mostly go on within a sentence; cells of a table are short and begin anew. */
function isProse(side: readonly Segment[]): boolean {
  if (side.length < 4) return false;
  const texts = textsOf(side, 0);
  const length = lettersIn(texts) / side.length;
  // By letters, not by lines: a formula is many short pieces.
  if (length < 12 || lettersIn(textsOf(side, 0.3)) < 0.5 * lettersIn(texts)) return false;
  if (isFilled(side)) return true;
  const cased = texts.filter((text) => /^\P{L}*[\p{Lu}\p{Ll}]/u.test(text));
  const small = cased.filter((text) => /^\P{L}*\p{Ll}/u.test(text));
  return cased.length < side.length / 2 ? length >= 16 : small.length >= 0.3 * cased.length;
}

/** Half of it stands in long lines from edge to edge: no table does, and a bibliography whose entries begin anew does. */
function isFilled(side: readonly Segment[]): boolean {
  const lines = textsOf(side, 0.75);
  return (
    lettersIn(lines) >= 30 * lines.length &&
    lettersIn(lines) >= 0.5 * lettersIn(textsOf(side, 0)) &&
    lines.length >= 4
  );
}

/** Of those that are as wide as this share of their column at least. */
function textsOf(side: readonly Segment[], share: number): string[] {
  const [left, right] = spanOf(side);
  return side
    .filter(({ x0, x1 }) => x1 - x0 >= share * (right - left))
    .map((one) => textOf(one).replace(dots, ''));
}

const lettersIn = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.length, 0);
