/** Running heads, feet and page numbers: rows at a page's edges that come again on the pages around it. */
import type { Row } from './rows.ts';

/** Pages before and after that a page is compared with: left and right pages differ, chapters change. */
export const neighbourhood = 4;
/** Rows from each edge that can be furniture. */
const deepest = 3;
/** Share of the page's height that a row may move by and still be the same. */
const drift = 0.012;

export interface Sheet {
  readonly rows: readonly Row[];
  readonly height: number;
}

/** The rows of `page` that are no part of its text. `others`: its neighbours, by their distance. */
export function furniture(page: Sheet, others: ReadonlyMap<number, Sheet>): Set<Row> {
  const found = new Set<Row>();
  for (const inwards of [page.rows, [...page.rows].reverse()]) {
    for (const [i, row] of inwards.slice(0, deepest).entries()) {
      if (!isAtEdge(row, page) || !comesAgain(row, page, others)) break;
      // A line of the text that repeats is no head: a head stands apart, or is a page number.
      if (!standsApart(row, inwards[i + 1], page) && !isNumber(row.text)) continue;
      for (const one of inwards.slice(0, i + 1)) found.add(one);
    }
  }
  return found;
}

const isAtEdge = ({ y }: Row, { height }: Sheet) => y < 0.16 * height || y > 0.84 * height;

function standsApart(row: Row, next: Row | undefined, page: Sheet): boolean {
  if (!next) return true;
  const gaps = page.rows.slice(1).map(({ y }, i) => y - (page.rows[i] as Row).y);
  const usual = gaps.sort((a, b) => a - b)[gaps.length >> 1] ?? 0;
  return Math.abs(next.y - row.y) > 1.2 * usual || Math.abs(next.size - row.size) > 0.1 * next.size;
}

/** On two of its neighbours, or on the only one of a file of two pages, with a number that goes on. */
function comesAgain(row: Row, page: Sheet, others: ReadonlyMap<number, Sheet>): boolean {
  const key = keyOf(row.text);
  let times = 0;
  for (const [distance, other] of others) {
    const same = other.rows.find(
      ({ y, text }) =>
        Math.abs(y / other.height - row.y / page.height) < drift &&
        keyOf(text) === key &&
        (!isNumber(row.text) || numberIn(text) === numberIn(row.text) + distance),
    );
    if (same) times++;
  }
  return times >= 2 || (times === 1 && others.size === 1 && /\d/.test(row.text));
}

const roman = /\b[ivxlc]{1,7}\b/gi;
const keyOf = (text: string) =>
  text.toLowerCase().replace(/\d+/g, '#').replace(roman, '#').replace(/\s+/g, ' ');
const isNumber = (text: string) =>
  /^\P{L}*(page|seite|p\.?)?\P{L}*#\P{L}*(of|von|\/)?\P{L}*#?\P{L}*$/u.test(keyOf(text));

function numberIn(text: string): number {
  const digits = /\d+/.exec(text)?.[0];
  return digits ? Number(digits) : fromRoman(text.match(roman)?.[0] ?? '');
}

const values: Readonly<Record<string, number>> = { i: 1, v: 5, x: 10, l: 50, c: 100 };
function fromRoman(word: string): number {
  const numbers = [...word.toLowerCase()].map((letter) => values[letter] ?? 0);
  return numbers.reduce((sum, one, i) => sum + (one < (numbers[i + 1] ?? 0) ? -one : one), 0);
}
