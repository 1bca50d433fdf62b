/** Which passages of which chunks a question is put to. Pure. */
import type { KnownChunk } from './rows.ts';

/** A chunk that was read, of a document. */
export interface Place {
  readonly document: { readonly id: string; readonly title: string };
  readonly chunk: KnownChunk;
}

/** Best first, of rankings that each have best first: reciprocal ranks are added (k = 2, for lists this short). */
export function fused<T>(...rankings: readonly (readonly T[])[]): T[] {
  const scores = new Map<T, number>();
  for (const ranking of rankings)
    for (const [i, item] of ranking.entries()) scores.set(item, (scores.get(item) ?? 0) + 1 / (2 + i));
  return [...scores].sort((a, b) => b[1] - a[1]).map(([item]) => item);
}

/** The chunk that holds a passage; where a page lies in several, that one whose text has it. null: none was read. */
export function placeOf(
  places: readonly Place[],
  document: string,
  page: number,
  passage: string,
  textOf: (place: Place) => string,
): Place | null {
  const there = places.filter(
    (place) => place.document.id === document && place.chunk.first <= page && page <= place.chunk.last,
  );
  const [only] = there;
  if (there.length < 2) return only ?? null;
  const beginning = passage.slice(0, 60);
  return there.find((place) => textOf(place).replaceAll(/\s+/g, ' ').includes(beginning)) ?? only ?? null;
}
