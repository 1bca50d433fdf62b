/** From fragments to segments (unbroken pieces of a line) and rows (all that stands on one height). */
import type { Fragment } from './fragments.ts';

export interface Segment {
  readonly fragments: readonly Fragment[];
  readonly x0: number;
  readonly x1: number;
  readonly y: number;
  readonly size: number;
}

export interface Row {
  readonly segments: readonly Segment[];
  readonly x0: number;
  readonly x1: number;
  readonly y: number;
  readonly size: number;
  readonly text: string;
  /** More than one when wide gaps divide it, as in a table. */
  readonly cells: readonly string[];
}

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/g;
const leftToRight = /[A-Za-z\u00c0-\u058f\u0900-\u1fff\u3040-\u9fff\uac00-\ud7af]/g;
const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

export const isRightToLeft = (text: string) => count(text, rightToLeft) > count(text, leftToRight);

/**
 * Fragments that follow each other in the file and touch on one baseline. The file's order is trusted for this only:
 * two columns are set one after the other, so that a narrow gutter is not bridged.
 */
export function segmentsOf(fragments: readonly Fragment[]): Segment[] {
  const segments: Segment[] = [];
  let parts: Fragment[] = [];
  const close = () => {
    if (parts.length > 0) segments.push(segment(parts));
    parts = [];
  };
  for (const fragment of fragments) {
    const before = parts.at(-1);
    if (before && !touches(before, fragment)) close();
    parts.push(fragment);
  }
  close();
  return segments;
}

function touches(one: Fragment, other: Fragment): boolean {
  const em = Math.max(one.size, other.size);
  const gap = Math.max(other.x - (one.x + one.width), one.x - (other.x + other.width));
  return (
    Math.abs(one.y - other.y) < 0.45 * em && gap < em && gap > -0.5 * em - Math.min(one.width, other.width)
  );
}

function segment(fragments: readonly Fragment[]): Segment {
  // The longest fragment carries the line; marks above and below it are smaller.
  const main = fragments.reduce((best, fragment) => (fragment.width > best.width ? fragment : best));
  return {
    fragments,
    x0: fragments.reduce((least, { x }) => Math.min(least, x), main.x),
    x1: fragments.reduce((most, { x, width }) => Math.max(most, x + width), main.x),
    y: main.y,
    size: main.size,
  };
}

/** The leftmost and rightmost ends. */
export function spanOf(
  boxes: readonly { readonly x0: number; readonly x1: number }[],
): [x0: number, x1: number] {
  let [left, right] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { x0, x1 } of boxes) [left, right] = [Math.min(left, x0), Math.max(right, x1)];
  return [left, right];
}

/** From top to bottom. */
export function rowsOf(segments: readonly Segment[]): Row[] {
  const rows: Segment[][] = [];
  for (const one of [...segments].sort((a, b) => a.y - b.y)) {
    const last = rows.at(-1);
    const lead = last?.[0];
    if (last && lead && one.y - lead.y < 0.45 * Math.min(lead.size, one.size)) last.push(one);
    else rows.push([one]);
  }
  return rows.map(row);
}

function row(segments: readonly Segment[]): Row {
  const cells = cellsOf(segments.flatMap(({ fragments }) => fragments));
  const widest = segments.reduce((best, one) => (one.x1 - one.x0 > best.x1 - best.x0 ? one : best));
  const [x0, x1] = spanOf(segments);
  return {
    segments,
    x0,
    x1,
    y: widest.y,
    size: widest.size,
    text: cells.join(' '),
    cells,
  };
}

/** Of an item or a heading: it belongs to what follows, however far that is. */
const mark = /^([•‣◦▪●○■·*–—-]|\(?(\d{1,3}|[a-z])[.)]|\d{1,3}(\.\d{1,3})*)$/;
/** Ems; more than a space that was stretched to fill its line. */
const cellGap = 1;

/** In the order of reading: from right to left where most letters run so, with numbers and foreign words as they run. */
function cellsOf(fragments: readonly Fragment[]): string[] {
  const sorted = [...fragments].sort((a, b) => a.x - b.x);
  const backwards = isRightToLeft(sorted.map(({ text }) => text).join(''));
  const ordered = backwards ? foreignRunsForwards(sorted.reverse()) : sorted;
  const cells: string[] = [];
  let before: Fragment | null = null;
  for (const fragment of ordered) {
    const em = Math.max(fragment.size, before?.size ?? 0);
    const gap = before
      ? Math.max(fragment.x - (before.x + before.width), before.x - (fragment.x + fragment.width))
      : Number.POSITIVE_INFINITY;
    if (gap > cellGap * em) cells.push(fragment.text);
    else cells.push(`${cells.pop()}${gap > 0.15 * em ? ' ' : ''}${fragment.text}`);
    before = fragment;
  }
  const [first, second, ...rest] = cells.map((cell) => cell.replace(/ {2,}/g, ' ').trim()).filter(Boolean);
  if (first === undefined || second === undefined) return first === undefined ? [] : [first];
  return mark.test(first) ? [`${first} ${second}`, ...rest] : [first, second, ...rest];
}

/** `fragments` run from right to left; those without a letter of that direction, in a row, are turned round. */
function foreignRunsForwards(fragments: readonly Fragment[]): Fragment[] {
  const ordered: Fragment[] = [];
  let run: Fragment[] = [];
  for (const fragment of fragments) {
    if (count(fragment.text, rightToLeft) === 0) run.unshift(fragment);
    else {
      ordered.push(...run, fragment);
      run = [];
    }
  }
  return [...ordered, ...run];
}
