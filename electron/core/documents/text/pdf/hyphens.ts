/** Whether a hyphen at a line's end belongs to the word is told by the document's other words. */

/** Stands for such a hyphen until all pages are known: a character for private use, which no text has here. */
export const hyphenMark = '\ue000';

const word = /\p{L}[\p{L}\p{M}]*(?:[-\u2010]\p{L}[\p{L}\p{M}]*)*/gu;
const marked = /(\p{L}[\p{L}\p{M}]*)\ue000(\p{Ll}[\p{L}\p{M}]*)/gu;
/** So many different words are enough to judge by. */
const mostWords = 400_000;
/** They stay apart: what follows is a word of its own. */
const prefixes = new Set(
  'self well non ex all half quasi cross twenty thirty forty fifty sixty seventy eighty ninety'.split(' '),
);

/** "inter|national" is joined unless the document writes it with a hyphen, or both halves alone and never the whole. */
export function resolveHyphens(pages: readonly string[]): string[] {
  const known = new Set<string>();
  for (const page of pages) {
    if (known.size > mostWords) break;
    for (const [found] of page.replace(marked, ' ').matchAll(word)) known.add(plainHyphen(found));
  }
  const has = (text: string) => known.has(plainHyphen(text));
  return pages.map((page) =>
    page
      .replace(marked, (_, before: string, after: string) => {
        const [whole, hyphened] = [before + after, `${before}-${after}`];
        if (has(whole)) return whole;
        const isApart =
          has(hyphened) ||
          prefixes.has(before.toLowerCase()) ||
          (before.length > 2 && after.length > 2 && has(before) && has(after));
        return isApart ? hyphened : whole;
      })
      .replaceAll(hyphenMark, ''),
  );
}

const plainHyphen = (text: string) => text.replaceAll('\u2010', '-').toLowerCase();
