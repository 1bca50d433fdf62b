/** Search over titles and the text of turns. */
import { attachedMark, parted } from '../../shared/attachments.ts';
import type { SearchHit } from '../../shared/sessions.ts';
import { firstWords } from './first-words.ts';
import type { Store } from './rows.ts';
import type { Tables } from './statements.ts';

/** Put around what matches; noncharacters of Unicode, which no text has. */
const open = '\u{fdd0}';
const close = '\u{fdd1}';

/** Of a snippet; at most 64. */
const words = 24;

interface Raw {
  readonly session: string;
  readonly title: string;
  readonly turn: string | null;
  readonly marked: string;
  /** Of a message with documents: all of it. */
  readonly whole?: string | null;
  readonly at: number;
}

export function searching({ prepare }: Tables): Pick<Store, 'search'> {
  const titles = prepare<Raw>(
    `SELECT id AS session, sessions.title, NULL AS turn, highlight(titleIndex, 0, ?, ?) AS marked, updatedAt AS at
     FROM titleIndex JOIN sessions ON sessions.n = titleIndex.rowid
     WHERE titleIndex MATCH ? AND deletedAt IS NULL
     ORDER BY rank LIMIT ?`,
  );
  const texts = prepare<Raw>(
    `SELECT session, title, turns.id AS turn, snippet(textIndex, 0, ?, ?, '…', ${words}) AS marked, turns.createdAt AS at,
       iif(role = 'user' AND turns.text GLOB ?, turns.text, NULL) AS whole
     FROM textIndex JOIN turns ON turns.n = textIndex.rowid JOIN sessions ON sessions.id = turns.session
     WHERE textIndex MATCH ? AND sessions.deletedAt IS NULL AND turns.id NOT IN (SELECT id FROM hiddenTurns)
     ORDER BY rank LIMIT ?`,
  );

  return {
    search(query, limit) {
      const match = matchOf(query);
      if (match === null) return [];
      const inTitles = titles.all(open, close, match, Math.ceil(limit / 2));
      const inTexts = texts.all(open, close, `${attachedMark}*`, match, limit - inTitles.length);
      return [...inTitles, ...inTexts].flatMap(({ marked, whole, ...hit }) => {
        const { documents, text } = parted(whole ?? '');
        if (documents.length === 0) return [{ ...hit, snippet: piecesOf(marked) }];
        // The index has all of the message: found is what the user wrote, not a document's text.
        return holds(text, query) ? [{ ...hit, snippet: [{ text: firstWords(text), match: false }] }] : [];
      });
    },
  };
}

/** Whether each word of the query begins a word of the text, whatever its case and accents. */
function holds(text: string, query: string): boolean {
  const wordsOf = (of: string) =>
    of
      .normalize('NFD')
      .replaceAll(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{Co}]+/gu) ?? [];
  const written = wordsOf(text);
  return wordsOf(query).every((word) => written.some((other) => other.startsWith(word)));
}

/**
 * What a user typed, in the language of FTS5: every word as a quoted string, so that none is taken for an operator; the
 * last may be the beginning of a word. null: nothing to look for.
 */
export function matchOf(query: string): string | null {
  const typed = query
    .replaceAll('\0', ' ')
    .split(/\s+/u)
    .filter((word) => /[\p{L}\p{N}\p{Co}]/u.test(word));
  if (typed.length === 0) return null;
  return `${typed.map((word) => `"${word.replaceAll('"', '""')}"`).join(' ')}*`;
}

/** 'a [b] c' -> a, b (match), c; the marks are those above. */
export function piecesOf(marked: string): SearchHit['snippet'] {
  return marked.split(new RegExp(`(${open}[^${close}]*${close})`, 'u')).flatMap((piece) => {
    const text = piece.replaceAll(open, '').replaceAll(close, '');
    return text === '' ? [] : [{ text, match: piece.startsWith(open) }];
  });
}
