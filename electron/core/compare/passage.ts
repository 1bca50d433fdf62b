/** What the models read while they are measured: the same text for each, the same in every run. */
import type { Tokenizer } from '../tokenizer.ts';

const passage = `The mail boat came on Tuesdays, when the weather let it. It brought flour, lamp oil, newspapers four days old, and
letters for the nine houses above the harbour. Nobody waited on the quay; they could see the boat from their kitchens, and the
walk down took as long as the boat needed to tie up. Anna carried the letters. She knew who would open theirs at once and who would
put it behind the clock until evening, and she never asked what stood in them.

In the winter of the long frost the boat did not come for five weeks. Bread was baked every second day, then every third. The
teacher counted the candles and let the children read aloud in turn, so that one flame was enough for all. When at last the horn
sounded behind the fog, there were eleven sacks of letters, and it took until Friday to carry them up the hill. Most were about
things that had long been decided. People read them all the same, slowly, from the first line to the last.

`;

/** Ids of the text, over and over, `length` of them. Without a tokenizer: ids spread over the vocabulary. */
export function passageIds(tokenizer: Tokenizer, vocabulary: number, length: number): number[] {
  const once = tokenizer.pieces.length > 0 ? tokenizer.encode(passage) : spreadIds(vocabulary);
  return Array.from({ length }, (_, i) => once[i % once.length] as number);
}

/** 7919 is a prime that divides no vocabulary: every id comes once. */
const spreadIds = (vocabulary: number): number[] =>
  Array.from({ length: vocabulary }, (_, i) => (i * 7919) % vocabulary);
