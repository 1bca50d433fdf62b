/** A page's text in pieces: its headings, and words found in it, whatever their line breaks and capitals. */

/** The text with every run of white space as one blank, in lower case; `at[i]`: where its i-th character stood. */
function plain(text: string): { readonly letters: string; readonly at: readonly number[] } {
  let letters = '';
  const at: number[] = [];
  for (let i = 0; i < text.length; i += 1) {
    const blank = /\s/.test(text.charAt(i));
    if (blank && letters.endsWith(' ')) continue;
    // Lower case may be longer than upper: then it stays as it is, so that places remain places.
    const lower = text.charAt(i).toLowerCase();
    letters += blank ? ' ' : lower.length === 1 ? lower : text.charAt(i);
    at.push(i);
  }
  return { letters, at };
}

/** From where to where in `text` the words stand, end excluded; null: nowhere. A snippet's ellipses do not count. */
export function locate(text: string, words: string): readonly [from: number, to: number] | null {
  const wanted = plain(words.replace(/^[\s…]+|[\s…]+$/g, '')).letters;
  if (wanted === '') return null;
  const { letters, at } = plain(text);
  const from = letters.indexOf(wanted);
  if (from < 0) return null;
  return [at[from] ?? 0, (at[from + wanted.length - 1] ?? 0) + 1];
}

export interface Piece {
  readonly text: string;
  readonly heading: boolean;
  readonly found: boolean;
}

/** What a page's headings are known by: it begins with its label; Markdown has marks before them. */
export interface Headings {
  readonly label: string;
  readonly marks: boolean;
}

/** The text in order, with `words` found in it; the marks of headings are left out. */
export function piecesOf(text: string, words: string | null, { label, marks }: Headings): readonly Piece[] {
  const [from, to] = (words !== null && locate(text, words)) || [0, 0];
  const pieces: Piece[] = [];
  function add(start: number, end: number, heading: boolean) {
    const cuts = [start, Math.min(end, Math.max(start, from)), Math.min(end, Math.max(start, to)), end];
    for (const [i, found] of [false, true, false].entries()) {
      const piece = text.slice(cuts[i], cuts[i + 1]);
      if (piece !== '') pieces.push({ text: piece, heading, found });
    }
  }
  let at = 0;
  if (label !== '' && text.startsWith(`${label}\n`)) {
    at = label.length;
    add(0, at, true);
  }
  for (const { 0: line, 1: mark = '', index } of marks ? text.matchAll(/^(#{1,6} )\S.*$/gm) : []) {
    add(at, index, false);
    at = index + line.length;
    add(index + mark.length, at, true);
  }
  add(at, text.length, false);
  return pieces;
}
