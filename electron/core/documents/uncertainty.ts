/** How sure a model was of what it said. Pure; natural logarithms. */

type Row = readonly (readonly [id: number, logprob: number])[];

/**
 * Entropy of a next token's distribution as a share of the greatest possible, from its most probable tokens. What they
 * leave is taken to be spread evenly over the rest of the vocabulary: so it is an upper bound.
 */
export function entropyShare(top: Row, vocabulary: number): number {
  let [entropy, rest] = [0, 1];
  for (const [, logprob] of top) {
    const p = Math.exp(logprob);
    rest -= p;
    if (p > 0) entropy -= p * logprob;
  }
  const others = vocabulary - top.length;
  if (rest > 0 && others > 0) entropy -= rest * Math.log(rest / others);
  return Math.min(1, entropy / Math.log(vocabulary));
}

/** Over the tokens of an answer, as OPRM chooses by (arXiv 2505.07793); 0 is certain. NaN: there are none. */
export const uncertaintyOf = (rows: readonly Row[], vocabulary: number): number =>
  rows.reduce((sum, row) => sum + entropyShare(row, vocabulary), 0) / rows.length;
