/**
 * Where a document is cut for the model: at natural borders, and at places that the text itself decides. A change in one
 * place so moves the cuts near to it only, and every other chunk stays what it was. Pure.
 */

/** Between two pages in the text of a document. */
export const pageSeam = '\n';

export interface ChunkCut {
  /** In UTF-16 units of the pages joined by `pageSeam`; nothing but white space lies between two chunks. */
  readonly start: number;
  readonly end: number;
  /** Pages that hold at least one of its characters, from 1. */
  readonly first: number;
  readonly last: number;
  readonly tokens: number;
}

/** A stretch of text that ends at a border; white space before a word belongs to the word. */
interface Piece {
  readonly end: number;
  readonly border: Border;
  readonly tokens: number;
}

/** Better borders are greater. */
const borders = { within: 0, word: 1, line: 2, sentence: 3, paragraph: 4 } as const;
type Border = (typeof borders)[keyof typeof borders];

/** A cut is looked for between this share of the greatest length and all of it. */
const earliest = 1 / 2;
/** A piece is at most this share of the greatest length. */
const finest = 1 / 8;
/** Characters on each side of a border that decide whether it becomes a cut. */
const around = 32;

/**
 * One after the other, for counting takes a while. `count`: tokens of a text; `limit`: the most that a chunk may have, at
 * least 16.
 */
export function* cutChunks(
  pages: readonly string[],
  count: (text: string) => number,
  limit: number,
): Generator<ChunkCut, void> {
  const text = pages.join(pageSeam);
  const placed = pagesAt(pages);
  const pieces = piecesOf(text, count, Math.max(1, Math.floor(limit * finest)));
  /** Pieces from `start` on, as many as one chunk may need. */
  const ahead: Piece[] = [];
  let [start, tokens] = [0, 0];
  for (;;) {
    while (tokens <= limit) {
      const { value, done } = pieces.next();
      if (done) break;
      ahead.push(value);
      tokens += value.tokens;
    }
    if (ahead.length === 0) return;
    const taken = choose(text, start, ahead, count, limit);
    const end = ahead[taken - 1]?.end ?? start;
    const from = start + leadingSpace(text.slice(start, end));
    const said = text.slice(from, end).trimEnd();
    if (said) {
      const [first, last] = [placed(from), placed(from + said.length - 1)];
      yield { start: from, end: from + said.length, first, last, tokens: count(said) };
    }
    for (const piece of ahead.splice(0, taken)) tokens -= piece.tokens;
    start = end;
  }
}

/** How many of the pieces make the next chunk. Tokens of pieces do not add up exactly: what is chosen is counted. */
function choose(
  text: string,
  start: number,
  ahead: readonly Piece[],
  count: (text: string) => number,
  limit: number,
): number {
  const fits = (taken: number) => count(text.slice(start, ahead[taken - 1]?.end).trim()) <= limit;
  const sums: number[] = [];
  for (const { tokens } of ahead) sums.push((sums.at(-1) ?? 0) + tokens);
  const total = sums.at(-1) ?? 0;
  if (total <= limit && fits(ahead.length)) return ahead.length;
  const candidates = ahead
    .map(({ border, end }, i) => ({ border, taken: i + 1, sum: sums[i] ?? 0, end }))
    .filter(({ sum }) => sum <= limit && sum >= limit * earliest)
    .map((candidate) => ({ ...candidate, chance: hash(text, candidate.end) }))
    .sort((a, b) => b.border - a.border || a.chance - b.chance);
  const found = candidates.find(({ taken }) => fits(taken));
  if (found) return found.taken;
  let taken = ahead.length;
  while (taken > 1 && !fits(taken)) taken--;
  return taken;
}

/** FNV-1a of what stands around a place: the same text has the same, wherever in a document it is. */
function hash(text: string, at: number): number {
  let value = 0x811c9dc5;
  for (let i = Math.max(0, at - around); i < Math.min(text.length, at + around); i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return value >>> 0;
}

/** A line's end, or a mark that ends a sentence, with what may close behind it; some scripts set no space after it. */
const ending = /\n|[.!?؟…]["'”’»)\]]*(?=\s)|[。！？]["”’」』）]*/gu;
const emptyLine = /[^\S\n]*\n[^\S\n]*\n/uy;

function* piecesOf(text: string, count: (text: string) => number, most: number): Generator<Piece, void> {
  let start = 0;
  for (const { 0: mark, index } of text.matchAll(ending)) {
    // Space stays with what comes after it.
    const end = mark === '\n' ? index : index + mark.length;
    if (end <= start) continue;
    emptyLine.lastIndex = end;
    // A page ends within a paragraph, mostly: its seam is no more than a line's end.
    const kind = emptyLine.test(text) ? borders.paragraph : mark === '\n' ? borders.line : borders.sentence;
    yield* divided(text, start, end, kind, count, most);
    start = end;
  }
  if (start < text.length) yield* divided(text, start, text.length, borders.paragraph, count, most);
}

/** In halves, at a space near the middle, until each is small enough. */
function* divided(
  text: string,
  start: number,
  end: number,
  kind: Border,
  count: (text: string) => number,
  most: number,
): Generator<Piece, void> {
  // What is far too long is not counted in vain: no token has as many characters.
  const tokens = end - start > 64 * most ? Number.POSITIVE_INFINITY : count(text.slice(start, end));
  const middle = tokens <= most ? null : middleOf(text, start, end);
  if (middle === null) return void (yield { end, border: kind, tokens });
  const between = /\s/.test(text.charAt(middle)) ? borders.word : borders.within;
  yield* divided(text, start, middle, between, count, most);
  yield* divided(text, middle, end, kind, count, most);
}

/** The space nearest to the middle, not at an end; else the middle, never within a surrogate pair; null: indivisible. */
function middleOf(text: string, start: number, end: number): number | null {
  const middle = (start + end) >> 1;
  const reach = Math.min((end - start) >> 2, 512);
  for (let off = 0; off < reach; off++) {
    for (const at of [middle - off, middle + off]) if (at > start && /\s/.test(text.charAt(at))) return at;
  }
  const at = /[\udc00-\udfff]/.test(text.charAt(middle)) ? middle - 1 : middle;
  return at > start ? at : end - start > 2 ? middle + 1 : null;
}

/** The page, from 1, of a place in the joined text; a seam belongs to the page before it. */
function pagesAt(pages: readonly string[]): (at: number) => number {
  const starts: number[] = [];
  let at = 0;
  for (const page of pages) {
    starts.push(at);
    at += page.length + pageSeam.length;
  }
  return (at) => {
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

const leadingSpace = (text: string) => text.length - text.trimStart().length;
