/** What a small model writes when it has lost its way: told instead of shown. Pure. */

export type Fault = 'empty' | 'repeats' | 'copies';

/** null: nothing is wrong with it that can be seen from outside. `request`: what was asked for. */
export function faultOf(text: string, request: string): Fault | null {
  const words = wordsOf(text);
  if (words.length === 0) return 'empty';
  if (repeats(words)) return 'repeats';
  return longestCommonRun(words, wordsOf(request)) >= copiedWords ? 'copies' : null;
}

/** A reply may take up words of the question; so many in a row are the request itself. */
const copiedWords = 10;
/** Below it a text is too short to be told from one that is emphatic. */
const fewWords = 12;

/** Words; of scripts without spaces, characters. */
const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}]+/gu) ??
  [];

/** Most runs of three words stand in it more than once, or its end is one run again and again. */
function repeats(words: readonly string[]): boolean {
  if (words.length < fewWords) return false;
  const runs = words.slice(2).map((_, i) => words.slice(i, i + 3).join(' '));
  if (new Set(runs).size < 0.6 * runs.length) return true;
  for (let period = 1; period <= words.length / 3; period++) {
    const times = period < 4 ? 4 : 3;
    const tail = words.slice(-period * times);
    if (tail.length === period * times && tail.every((word, i) => word === tail[i % period])) return true;
  }
  return false;
}

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
