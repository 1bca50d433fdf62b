/** What a small model writes when it has lost its way: told instead of shown. Pure. */

import { sentencesOf } from './sentences.ts';

export type Fault = 'empty' | 'repeats' | 'copies' | 'strays';

/** null: nothing is wrong with it that can be seen from outside. `request`: what was asked for. */
export function faultOf(text: string, request: string): Exclude<Fault, 'strays'> | null {
  const words = wordsOf(text);
  if (words.length === 0 || onlyAnnounces(text)) return 'empty';
  if (repeats(words) || sentencesOf(text).some(saysTwice)) return 'repeats';
  return longestCommonRun(words, wordsOf(request)) >= copiedWords ? 'copies' : null;
}

/** The sentences before the one with which it begins to repeat itself; none where its first one does. */
export function untilItRepeats(text: string): string {
  let whole = '';
  for (const sentence of sentencesOf(text)) {
    const longer = whole ? `${whole} ${sentence}` : sentence;
    if (repeats(wordsOf(longer)) || saysTwice(sentence)) break;
    whole = longer;
  }
  return whole;
}

/** A reply may take up words of the question; so many in a row are the request itself. */
const copiedWords = 10;
/** Below it a text is too short to be told from one that is emphatic. */
const fewWords = 12;

/** Words; of scripts without spaces, characters. */
export const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}]+/gu) ??
  [];

/** "The answer to this question is:" and no more. */
const onlyAnnounces = (text: string) => /^[^.!?\n]*[:：]$/u.test(text.trim());

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

/** "The penguins are friendly birds, and the penguins are friendly birds": one run twice is half of the sentence. */
function saysTwice(sentence: string): boolean {
  const words = wordsOf(sentence);
  const runs = runsOf(words, Math.max(6, Math.ceil(words.length / 4)));
  return new Set(runs).size < runs.length;
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
