/** The few sentences of some pages that hold most of what a question asks for. Pure. */
import { questionWords } from './quotes.ts';
import { sentencesOf } from './sentences.ts';

export interface Passage {
  readonly page: number;
  readonly text: string;
  /** Of the question's words it holds, rare ones weighing more; 0: none of them. */
  readonly score: number;
}

/** Best first, at most one of a page. `words`: about as many in each. */
export function passagesOf(
  question: string,
  pages: readonly { readonly page: number; readonly text: string }[],
  words: number,
): Passage[] {
  const asked = questionWords(question);
  const all = pages.map(({ page, text }) => ({
    page,
    sentences: sentencesOf(text).map((sentence) => {
      const own = wordsOf(sentence);
      return {
        sentence,
        length: own.length,
        holds: asked.map((word) => own.some((other) => alike(word, other))),
      };
    }),
  }));
  const every = all.flatMap(({ sentences }) => sentences);
  const weights = asked.map((_, i) => {
    const holding = every.filter(({ holds }) => holds[i]).length;
    return Math.log((every.length + 1) / (holding + 0.5));
  });
  return all
    .map(({ page, sentences }) => {
      let best: Passage = { page, text: '', score: -1 };
      for (let from = 0; from < sentences.length; from++) {
        let [to, length] = [from, 0];
        while (to < sentences.length && (to === from || length < words))
          length += sentences[to++]?.length ?? 0;
        const window = sentences.slice(from, to);
        const score = weights.reduce(
          (sum, weight, i) => sum + (window.some(({ holds }) => holds[i]) ? weight : 0),
          0,
        );
        if (score > best.score)
          best = { page, text: window.map(({ sentence }) => sentence).join(' '), score };
      }
      return best;
    })
    .filter(({ text }) => text !== '')
    .sort((a, b) => b.score - a.score);
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
