/** From the rows of regions to paragraphs, by gaps, indents, sizes and short last lines. */

import { rowText } from '../tables.ts';
import { hyphenMark } from './hyphens.ts';
import { isRightToLeft, type Row, rowsOf, type Segment, spanOf } from './rows.ts';

/** A page's text; words divided at a line's end hold a mark that `resolveHyphens` takes out. */
export function pageText(regions: readonly Segment[][]): string {
  const parts: string[] = [];
  for (const region of regions) {
    for (const [i, text] of paragraphsOf(rowsOf(region)).entries()) {
      const before = parts.at(-1);
      // A sentence that a column's end divides.
      if (i === 0 && before && goesOn(before, text)) parts.push(joined(parts.pop() as string, text));
      else parts.push(text);
    }
  }
  return parts.join('\n\n');
}

const goesOn = (before: string, text: string) =>
  /[\p{L},-]$/u.test(before.slice(-1)) && /^\p{Ll}/u.test(text) && !before.includes(' | ');

const bullet = /^([•‣◦▪●○■·*–—-]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s/;
/** The dots that lead to a page number. */
const leader = /(\s?[.·…_]){5,}\s?/g;
const sentenceEnd = /[.!?:؟。]["'”’)\]]?$/;

function paragraphsOf(rows: readonly Row[]): string[] {
  const pitch = usualPitch(rows);
  const [left, right] = spanOf(rows);
  const paragraphs: string[] = [];
  for (const [i, row] of rows.entries()) {
    const above = rows[i - 1];
    const isTable = hasCells(row) && (hasCells(above) || hasCells(rows[i + 1]));
    const text = (isTable ? rowText(row.cells) : row.text).replace(leader, ' … ');
    if (!above || begins(above, row)) paragraphs.push(text);
    else {
      const last = paragraphs.pop() as string;
      const isOwnLine =
        isTable ||
        bullet.test(text) ||
        last.slice(-300).includes(' | ') ||
        text.includes(' … ') ||
        endsShort(above, row);
      paragraphs.push(isOwnLine ? `${last}\n${text}` : joined(last, text));
    }
  }
  return paragraphs;

  function begins(above: Row, row: Row): boolean {
    const em = row.size;
    if (row.y - above.y > 1.35 * pitch || Math.abs(row.size - above.size) > 0.15 * em) return true;
    const backwards = isRightToLeft(row.text);
    const [indent, indentAbove] = [row, above].map(({ x0, x1 }) => (backwards ? right - x1 : x0 - left)) as [
      number,
      number,
    ];
    if (indent > 0.8 * em && indent < 5 * em && indentAbove < 0.3 * em && !hasCells(row)) return true;
    return restOf(above) > 0.25 && sentenceEnd.test(above.text);
  }

  /** Headings, addresses and verses end where their line has room for more. */
  function endsShort(above: Row, row: Row): boolean {
    return restOf(above) > 0.4 && !/^\p{Ll}/u.test(row.text) && !/[-\u2010,]$/.test(above.text);
  }

  /** The empty share of a line's end. */
  function restOf({ x0, x1, text }: Row): number {
    return (isRightToLeft(text) ? x0 - left : right - x1) / (right - left);
  }
}

const hasCells = (row: Row | undefined) => row !== undefined && row.cells.length > 1;

/** The median distance of rows; where there is no other, what type is usually set with. */
function usualPitch(rows: readonly Row[]): number {
  const gaps = rows.slice(1).map(({ y }, i) => y - (rows[i] as Row).y);
  const sorted = gaps.filter((gap) => gap > 0).sort((a, b) => a - b);
  const size = rows[0]?.size ?? 12;
  // Of few rows the median may be a gap between paragraphs.
  return Math.min(sorted[sorted.length >> 1] ?? 1.3 * size, 2.2 * size);
}

function joined(above: string, below: string): string {
  const end = above.slice(-2);
  if (/\p{L}[-\u2010\u00ad]$/u.test(end) && /^\p{Ll}{2}/u.test(below))
    return `${above.slice(0, -1)}${hyphenMark}${below}`;
  // A name or a range of numbers keeps its hyphen; a dash between words keeps its space.
  if (/[\p{L}\p{N}][-\u2010]$/u.test(end) && /^[\p{Lu}\p{N}]/u.test(below)) return above + below;
  return isWithoutSpaces(above.at(-1)) && isWithoutSpaces(below[0]) ? above + below : `${above} ${below}`;
}

/** Chinese and Japanese lines are set without spaces. */
const isWithoutSpaces = (letter: string | undefined) =>
  letter !== undefined && /[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]/.test(letter);
