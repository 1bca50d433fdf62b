/** Sentences that hold the words a text uses most: a choice without a model, for a model to choose from. Pure. */
import { sentencesOf } from './sentences.ts';

/** How much less a word counts once a sentence has been chosen for it. */
const fading = 1 / 4;
/** Shorter sentences do not win by having few words. */
const leastWords = 6;

/**
 * So many of the sentences, most telling first (SumBasic, Nenkova and Vanderwende 2005: by the mean frequency of their
 * words, each of which counts less once it has been said).
 */
export function mostTelling(sentences: readonly string[], count: number): string[] {
  const all = sentences.map((sentence) => ({ sentence, words: wordsOf(sentence) }));
  const weights = new Map<string, number>();
  for (const word of all.flatMap(({ words }) => words)) weights.set(word, (weights.get(word) ?? 0) + 1);
  const weightOf = (words: readonly string[]) =>
    words.reduce((sum, word) => sum + (weights.get(word) ?? 0), 0) / Math.max(leastWords, words.length);
  const chosen: string[] = [];
  while (chosen.length < count && all.length > 0) {
    const scores = all.map(({ words }) => weightOf(words));
    const [best] = all.splice(scores.indexOf(Math.max(...scores)), 1);
    if (!best) break;
    chosen.push(best.sentence);
    for (const word of new Set(best.words)) weights.set(word, (weights.get(word) ?? 0) * fading);
  }
  return chosen;
}

/** Neighbouring sentences of about so many words that hold most of the words the text uses most. */
export function tellingPassage(text: string, words: number): string {
  const sentences = sentencesOf(text).map((sentence) => ({
    sentence,
    length: sentence.split(/\s+/).length,
    words: new Set(wordsOf(sentence)),
  }));
  const counts = new Map<string, number>();
  for (const word of sentences.flatMap((one) => [...one.words]))
    counts.set(word, (counts.get(word) ?? 0) + 1);
  let best = { score: -1, text: '' };
  for (let from = 0; from < sentences.length; from++) {
    let [to, length] = [from, 0];
    while (to < sentences.length && length < words) length += sentences[to++]?.length ?? 0;
    const window = sentences.slice(from, to);
    const held = new Set(window.flatMap((one) => [...one.words]));
    const score = [...held].reduce((sum, word) => sum + Math.log(1 + (counts.get(word) ?? 0)), 0);
    if (score > best.score) best = { score, text: window.map(({ sentence }) => sentence).join(' ') };
    if (to === sentences.length) break;
  }
  return best.text;
}

/** Of more than three letters; of scripts without spaces, characters. */
const wordsOf = (text: string): string[] =>
  text.toLowerCase().match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}]{4,}/gu) ?? [];
