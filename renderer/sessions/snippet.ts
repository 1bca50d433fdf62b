import type { SearchHit } from '../../electron/shared/contract.ts';

/** Characters before the first match that leave it on the first of two narrow lines. */
const lead = 24;

/** A snippet from a little before its first match on: in the narrow library the rest would hide it. */
export function around(snippet: SearchHit['snippet']): SearchHit['snippet'] {
  const [first, ...rest] = snippet;
  if (!first || first.match || first.text.length <= lead) return snippet;
  const near = first.text.slice(-lead);
  // From a word's beginning, where there is one.
  const text = `…${near.slice(near.search(/\s/) + 1)}`;
  return [{ text, match: false }, ...rest];
}
