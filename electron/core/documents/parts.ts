/** The sections of a document, as its pages are labelled. Pure. */
import type { PageRange } from '../../shared/documents.ts';

export interface Part extends PageRange {
  /** null: its pages are only numbered. */
  readonly title: string | null;
}

/**
 * Pages of one title, as extraction numbers them on: "Storm", "Storm (2)". Where pages are only numbered, or there are
 * more titles than `most`, neighbours are put together into `most` parts of as many pages.
 */
export function partsOf(labels: readonly string[], most: number): Part[] {
  const parts: Part[] = [];
  for (const [i, label] of labels.entries()) {
    const title = /^\d+$/.test(label) ? null : label.replace(/ \(\d+\)$/, '');
    const before = parts.at(-1);
    if (before && title !== null && before.title === title)
      parts[parts.length - 1] = { ...before, last: i + 1 };
    else parts.push({ title, first: i + 1, last: i + 1 });
  }
  if (parts.length <= most) return parts;
  return Array.from({ length: most }, (_, i) => {
    const some = parts.slice(
      Math.floor((i * parts.length) / most),
      Math.floor(((i + 1) * parts.length) / most),
    );
    const [one] = some;
    return {
      title: some.length === 1 && one ? one.title : null,
      first: one?.first ?? 1,
      last: some.at(-1)?.last ?? 1,
    };
  });
}
