/** Exact quotations: pages of documents that hold words of a question, and where on them. */
import type { Quote } from '../../shared/documents.ts';
import { piecesOf } from '../sessions/search.ts';
import type { Tables } from '../sessions/statements.ts';

export interface Quoting {
  /** Best first. `documents`: ids; null: the whole library. */
  quotes(question: string, documents: readonly string[] | null, limit: number): Quote[];
}

/** Around what matches, as search.ts has them. */
const [open, close] = ['\u{fdd0}', '\u{fdd1}'];
/** Of a snippet; at most 64. */
const words = 32;

interface Raw {
  readonly document: string;
  readonly title: string;
  readonly page: number;
  readonly marked: string;
}

export function quoting({ prepare }: Tables): Quoting {
  const found = prepare<Raw>(
    `SELECT document, title, page, snippet(pageIndex, 0, ?, ?, '…', ${words}) AS marked
     FROM pageIndex JOIN pages ON pages.n = pageIndex.rowid JOIN documents ON documents.id = pages.document
     WHERE pageIndex MATCH ? AND (?4 IS NULL OR document IN (SELECT value FROM json_each(?4)))
     ORDER BY rank LIMIT ?5`,
  );
  return {
    quotes(question, documents, limit) {
      const match = anyOf(question);
      if (match === null) return [];
      const among = documents && JSON.stringify(documents);
      return found
        .all(open, close, match, among, limit)
        .map(({ marked, ...quote }) => ({ ...quote, snippet: piecesOf(marked) }));
    },
  };
}

/** Words that questions are made of, and that would be found on every page. */
const asking = new Set(
  (
    'a about after all also am an and any are as at be been before but by can could did do does for from give had has ' +
    'have he her him his how i if in into is it its know made make many may me more most much my no not of on one or ' +
    'our out over please say says she should so some tell than that the their them then there these they this those to ' +
    'us was we were what when where which who whom whose why will with would you your'
  ).split(' '),
);

/** Those of a question that tell what it is about, each once; all of them where none does. */
export function questionWords(question: string): string[] {
  const all = question.toLowerCase().match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? [];
  const telling = all.filter((word) => !asking.has(word));
  return [...new Set(telling.length > 0 ? telling : all)];
}

/** Any of the question's words, in the language of FTS5; rare ones weigh more by themselves. null: there are none. */
export function anyOf(question: string): string | null {
  const words = questionWords(question);
  return words.length > 0 ? words.map((word) => `"${word}"`).join(' OR ') : null;
}
