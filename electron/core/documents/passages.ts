/** The few sentences of some pages that hold most of what a question asks for. Pure. */
import { questionWords } from './quotes.ts';
import { sentencesOf } from './sentences.ts';

export interface Passage {
  readonly page: number;
  readonly text: string;
  /** Of the question's words it holds, rare ones weighing more; 0: none of them. */
  readonly score: number;
}

/** A sentence; which of the question's words it holds. */
interface Line {
  readonly text: string;
  readonly words: number;
  readonly holds: readonly boolean[];
}

/** Between windows that hold the same, what their sentences hold by themselves decides: so much of it counts. */
const density = 0.1;

/** Best first, at most one of a page. `words`: about as many in each. */
export function passagesOf(
  question: string,
  pages: readonly { readonly page: number; readonly text: string }[],
  words: number,
): Passage[] {
  const asked = questionWords(question);
  const all = pages.map(({ page, text }) => ({
    page,
    lines: sentencesOf(text).map((text): Line => {
      const own = wordsOf(text);
      return { text, words: own.length, holds: asked.map((word) => own.some((other) => alike(word, other))) };
    }),
  }));
  const every = all.flatMap(({ lines }) => lines);
  const weights = asked.map((_, i) =>
    Math.log((every.length + 1) / (every.filter(({ holds }) => holds[i]).length + 0.5)),
  );
  const weigh = (holds: (i: number) => boolean | undefined) =>
    weights.reduce((sum, weight, i) => sum + (holds(i) ? weight : 0), 0);
  const scoreOf = (window: readonly Line[]) =>
    weigh((i) => window.some(({ holds }) => holds[i])) +
    (density * window.reduce((sum, { holds }) => sum + weigh((i) => holds[i]), 0)) / window.length;
  return all
    .flatMap(({ page, lines }): Passage[] => {
      const windows = lines.map((_, from) => windowOf(lines, from, words));
      const scores = windows.map(scoreOf);
      const score = Math.max(...scores);
      const best = windows[scores.indexOf(score)];
      return best ? [{ page, text: best.map(({ text }) => text).join(' '), score }] : [];
    })
    .sort((a, b) => b.score - a.score);
}

/** Whole lines from one on, as few as have so many words. */
function windowOf(lines: readonly Line[], from: number, words: number): Line[] {
  let [to, length] = [from, 0];
  while (to < lines.length && length < words) length += lines[to++]?.words ?? 0;
  return lines.slice(from, to);
}

const wordsOf = (text: string): string[] =>
  text.toLowerCase().match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{M}\p{N}]+/gu) ??
  [];

/** The same word, or forms of one as far as their beginnings tell: bakes and baked, photograph and photographer. */
export function alike(a: string, b: string): boolean {
  if (a === b) return true;
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared++;
  return shared >= 4 && shared >= 0.7 * Math.max(a.length, b.length);
}
