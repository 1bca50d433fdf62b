/** Which passages, or which chunks, of what was read a question is put to. */
import type { Library } from './library.ts';
import { type Passage, passagesOf } from './passages.ts';
import type { DocumentRow, KnownChunk } from './rows.ts';

/** A chunk that was read, of a document. */
export interface Place {
  readonly document: Pick<DocumentRow, 'id' | 'title'>;
  readonly chunk: KnownChunk;
}

export type Found = Passage & Pick<Place, 'document'>;

/** Pages that passages are looked for on. */
const mostPages = 20;
/** Of a passage: a sentence or two. From 60 the embedded model was right less often, of the six questions tried. */
const passageWords = 30;

/** Passages that hold the question's words, the best first. `ids`: of documents; null: the library. */
export function byWords(
  library: Library,
  places: readonly Place[],
  ids: readonly string[] | null,
  question: string,
  most: number,
): Found[] {
  const pages = library.quotes(question, ids, mostPages).flatMap(({ document: id, page }) => {
    const place = places.find(
      ({ document, chunk }) => document.id === id && chunk.first <= page && page <= chunk.last,
    );
    return place ? [{ document: place.document, page }] : [];
  });
  const texts = pages.map(({ document, page }, i) => ({
    page: i,
    text: wholeText(library, document.id, page),
  }));
  const passages = passagesOf(question, texts, passageWords).filter(({ score }) => score > 0);
  // Search weighs words over whole pages, passages weigh them where they stand together: either misses some.
  return fused(
    texts.map(({ page }) => page),
    passages.map(({ page }) => page),
  )
    .flatMap((i): Found[] => {
      const [at, passage] = [pages[i], passages.find(({ page }) => page === i)];
      return at && passage ? [{ ...passage, ...at }] : [];
    })
    .slice(0, most);
}

/** Best first, of rankings that each have best first: reciprocal ranks are added (k = 2, for lists this short). Pure. */
export function fused<T>(...rankings: readonly (readonly T[])[]): T[] {
  const scores = new Map<T, number>();
  for (const ranking of rankings)
    for (const [i, item] of ranking.entries()) scores.set(item, (scores.get(item) ?? 0) + 1 / (2 + i));
  return [...scores].sort((a, b) => b[1] - a[1]).map(([item]) => item);
}

/** A page with the end of a sentence that goes on behind it. */
function wholeText(library: Library, document: string, page: number): string {
  const text = library.page(document, page)?.text ?? '';
  if (/[.!?…。！？]["'”’»)\]]*\s*$/u.test(text)) return text;
  const next = library.page(document, page + 1)?.text.slice(0, 400) ?? '';
  const end = next.search(/[.!?…。！？]/u);
  return end < 0 ? text : `${text} ${next.slice(0, end + 1)}`;
}
