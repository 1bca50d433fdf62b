/** What a small model writes when it has lost its way: told instead of shown. Pure. */

export type Fault = 'empty' | 'repeats' | 'copies' | 'strays';

/**
 * null: nothing is wrong with it that can be seen from outside. `request`: what was asked for; `source`: what it is to
 * retell, in the same language, null where it need not.
 */
export function faultOf(text: string, request: string, source: string | null = null): Fault | null {
  const words = wordsOf(text);
  if (words.length === 0) return 'empty';
  if (repeats(words)) return 'repeats';
  if (longestCommonRun(words, wordsOf(request)) >= copiedWords) return 'copies';
  return source !== null && strays(words, wordsOf(source)) ? 'strays' : null;
}

/** A reply may take up words of the question; so many in a row are the request itself. */
const copiedWords = 10;
/** Below it a text is too short to be told from one that is emphatic. */
const fewWords = 12;

/** At least this share of what is told must stand in the source, as words that begin alike. */
const leastShared = 1 / 2;
const alike = 5;
/** What can be told of any text says nothing of this one. */
const ofAnyText =
  /^(about|account|also|author|book|chapter|contain|content|describ|descript|detail|discuss|docum|following|from|have|includ|information|mention|note|page|paragraph|part|provid|section|sentence|several|some|story|summar|tells?|text|that|their|them|there|these|they|this|those|various|well|were|what|when|where|which|while|with|written)/;

/** Most of its telling words begin as none of the source does, or it has none. */
function strays(words: readonly string[], source: readonly string[]): boolean {
  const beginnings = new Set(source.map((word) => word.slice(0, alike)));
  const telling = [...new Set(words)].filter((word) => isTelling(word) && !ofAnyText.test(word));
  const shared = telling.filter((word) => beginnings.has(word.slice(0, alike))).length;
  return shared < leastShared * telling.length || telling.length === 0;
}

/** Short words are of any text, unless they are numbers or stand for themselves. */
const isTelling = (word: string) =>
  word.length > 3 || /\p{N}|[^\p{Script=Latin}\p{Script=Cyrillic}]/u.test(word);

/** Words; of scripts without spaces, characters. */
const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}]+/gu) ??
  [];

/** Most runs of three words stand in it more than once, or a long run does, or a short one several times on end. */
function repeats(words: readonly string[]): boolean {
  if (words.length < fewWords) return false;
  const few = runsOf(words, 3);
  if (new Set(few).size < 0.6 * few.length) return true;
  const long = runsOf(words, longRun);
  if (new Set(long).size < long.length) return true;
  for (let period = 1; period < longRun; period++) {
    const times = period < 4 ? 4 : 3;
    let same = 0;
    for (let i = period; i < words.length; i++) {
      same = words[i] === words[i - period] ? same + 1 : 0;
      if (same >= period * (times - 1)) return true;
    }
  }
  return false;
}

/** Nobody says so many words twice in a few sentences. */
const longRun = 8;

const runsOf = (words: readonly string[], length: number) =>
  words.slice(length - 1).map((_, i) => words.slice(i, i + length).join(' '));

function longestCommonRun(a: readonly string[], b: readonly string[]): number {
  let longest = 0;
  let before: number[] = [];
  for (const word of a) {
    const now = b.map((other, j) => (other === word ? (before[j - 1] ?? 0) + 1 : 0));
    longest = Math.max(longest, ...now);
    before = now;
  }
  return longest;
}
