/** The sections of a document, as its pages are labelled. Pure. */
import type { Anchored, PageRange } from '../../shared/documents.ts';

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

/** Of the pages of a text, how many are of the part. */
export function shareWithin({ pages }: Anchored, part: PageRange): number {
  const count = ({ first, last }: PageRange) => Math.max(0, last - first + 1);
  const sum = (ranges: readonly PageRange[]) => ranges.reduce((all, range) => all + count(range), 0);
  const within = pages.map(({ first, last }) => ({
    first: Math.max(first, part.first),
    last: Math.min(last, part.last),
  }));
  return sum(within) / Math.max(1, sum(pages));
}
