/** From the pieces that PDF.js gives to pieces that stand upright, whatever way their page was turned. */

export interface Fragment {
  readonly text: string;
  /** Left end, baseline (downwards), width and font size, in points. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly size: number;
}

/** A text item of PDF.js: `transform` is its text matrix in the page's own space. */
export interface PdfItem {
  readonly str: string;
  readonly transform: readonly number[];
  readonly width: number;
}

/** Of one reading direction of a page: most pages have one, a table may be turned. */
export interface Side {
  readonly fragments: Fragment[];
  /** As seen when it is read. */
  readonly height: number;
}

/** `viewport`: from the page's own space to what is seen. The side with most text comes first. */
export function upright(
  items: readonly PdfItem[],
  viewport: { readonly transform: readonly number[]; readonly width: number; readonly height: number },
): Side[] {
  const { width, height } = viewport;
  const sides: Fragment[][] = [[], [], [], []];
  const seen = new Set<string>();
  for (const { str, transform, width: length } of items) {
    const text = letters(str).replace(/\s+/g, ' ');
    const placed = multiply(viewport.transform, transform);
    if (text.trim() === '' || !placed.every(Number.isFinite)) continue;
    const [a, b, c, d, x, y] = placed as [number, number, number, number, number, number];
    const size = Math.hypot(c, d) || Math.hypot(a, b);
    // What is drawn twice, a little moved, is meant to look bold.
    const key = `${text} ${Math.round(x / 2)} ${Math.round(y / 2)}`;
    if (size === 0 || !Number.isFinite(length) || seen.has(key)) continue;
    seen.add(key);
    const turn = Math.round((Math.atan2(b, a) / Math.PI) * 2) & 3;
    const [u, v] = turned(x, y, turn, width, height);
    sides[turn]?.push({ text, x: u, y: v, width: Math.abs(length), size });
  }
  const amount = (side: Fragment[]) => side.reduce((sum, { text }) => sum + text.length, 0);
  return sides
    .map((fragments, turn) => ({ fragments, height: turn % 2 ? width : height }))
    .filter(({ fragments }) => fragments.length > 0)
    .sort((one, other) => amount(other.fragments) - amount(one.fragments));
}

/** Ligatures and the shapes that Arabic letters take in a word, as the letters that they stand for. */
const letters = (text: string) =>
  text.replace(/[\ufb00-\ufb4f\ufb50-\ufdff\ufe70-\ufefc]+/g, (shapes) => shapes.normalize('NFKC'));

/** The point as seen by someone who turned the page by `turn` quarters so that the text stands upright. */
function turned(x: number, y: number, turn: number, width: number, height: number): [number, number] {
  if (turn === 1) return [y, width - x];
  if (turn === 2) return [width - x, height - y];
  if (turn === 3) return [height - y, x];
  return [x, y];
}

/** Of two affine matrices [a b c d e f], the right one first applied. */
function multiply(m: readonly number[], n: readonly number[]): number[] {
  const [a, b, c, d, e, f] = m as [number, number, number, number, number, number];
  const [p, q, r, s, t, u] = n as [number, number, number, number, number, number];
  return [a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f];
}
