/** Sentences, what they share, and the pages that they came from. Pure. */
import type { Anchored, PageRange } from '../../shared/documents.ts';

/** Sentences of a text, on one line each. */
export const sentencesOf = (text: string): string[] =>
  text
    .replaceAll(/\s+/g, ' ')
    .split(/(?<=[.!?…]["'”’»)\]]*) |(?<=[。！？]["”’」』）]*)/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));

/** What is whole of a text that was cut; all of it where not one sentence is. */
export function wholeSentences(text: string): string {
  const ends = [...text.matchAll(/[.!?…]["'”’»)\]]*(?=\s|$)|[。！？]["”’」』）]*/gu)];
  const last = ends.at(-1);
  return (last ? text.slice(0, last.index + last[0].length) : text).trim();
}

/** Words of more than three letters; of scripts without spaces, characters. */
const wordsOf = (text: string) =>
  new Set(
    text.toLowerCase().match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}]{4,}/gu) ??
      [],
  );

/** Words that both have, as a share of the shorter one's. */
export function overlap(a: string, b: string): number {
  const [one, other] = [wordsOf(a), wordsOf(b)];
  const shared = [...one].filter((word) => other.has(word)).length;
  return shared / Math.max(1, Math.min(one.size, other.size));
}

/** Pages of those of `sources` that a sentence shares most with; of all where it shares nothing. */
export function pagesOf(sentence: string, sources: readonly Anchored[]): PageRange[] {
  const shares = sources.map(({ text }) => overlap(sentence, text));
  const most = Math.max(0, ...shares);
  return joined(sources.filter((_, i) => (shares[i] ?? 0) >= most / 2).flatMap(({ pages }) => pages));
}

/** Of a sentence's words, so many stand in one before it that says the same. */
const sameWords = 0.9;

/** Without those that only say what one before them says; its pages are then of both. */
export function distinct(sentences: readonly Anchored[]): Anchored[] {
  const all: Anchored[] = [];
  for (const { text, pages } of sentences) {
    const at = all.findIndex((known) => says(known.text, text));
    const known = all[at];
    if (known) all[at] = { text: known.text, pages: joined([...known.pages, ...pages]) };
    else all.push({ text, pages });
  }
  return all;
}

/** Its numbers too: "5 percent" is not "9 percent". */
function says(known: string, sentence: string): boolean {
  const [all, words] = [wordsOf(known), [...wordsOf(sentence)]];
  const numbers = new Set(known.match(/\p{N}+/gu));
  return (
    words.filter((word) => all.has(word)).length >= sameWords * words.length &&
    (sentence.match(/\p{N}+/gu) ?? []).every((number) => numbers.has(number))
  );
}

/** In order, those that touch as one. */
export function joined(ranges: readonly PageRange[]): PageRange[] {
  const all: PageRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first || a.last - b.last)) {
    const before = all.at(-1);
    if (before && range.first <= before.last + 1)
      all[all.length - 1] = { first: before.first, last: Math.max(before.last, range.last) };
    else all.push(range);
  }
  return all;
}
