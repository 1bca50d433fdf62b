/** Documents as the interface sees them: rows, with how far the model in use has read each. */
import type { DocumentEntry, DocumentReading, PageRange } from '../../shared/documents.ts';
import type { AppErrorValue } from '../../shared/errors.ts';
import type { Library } from './library.ts';
import type { DocumentRow, KnownChunk } from './rows.ts';
import { joined } from './sentences.ts';

/** What is known of a reading beside the rows. */
export interface Live {
  /** null: it is not running. */
  readonly running: Pick<DocumentReading, 'tokensRead' | 'tokensPerSecond' | 'secondsLeft'> | null;
  readonly wanted: boolean;
  readonly error: AppErrorValue | null;
}

/** `reader`: the key of the model in use; null: none was used yet. */
export function entryOf(
  library: Library,
  { hash: _, ...row }: DocumentRow,
  reader: string | null,
  live: Live,
): DocumentEntry {
  const chunks = reader === null ? [] : library.chunks(row.id, reader);
  return { ...row, reading: readingOf(chunks, row.pages, live), stateBytes: library.stateBytes(row.id) };
}

/** Pure. `chunks`: none where the document was not cut for this reader yet. */
export function readingOf(
  chunks: readonly KnownChunk[],
  pages: number,
  { running, wanted, error }: Live,
): DocumentReading {
  const read = chunks.filter((chunk) => chunk.read);
  const sum = (some: readonly KnownChunk[]) => some.reduce((all, { tokens }) => all + tokens, 0);
  const rest = read.length === 0 ? 'unread' : read.length === chunks.length ? 'read' : 'paused';
  return {
    phase: running ? 'running' : error ? 'failed' : wanted ? 'waiting' : rest,
    pagesRead: pagesRead(chunks, pages),
    chunks: chunks.length,
    chunksRead: read.length,
    tokens: sum(chunks),
    tokensRead: running?.tokensRead ?? sum(read),
    tokensPerSecond: running?.tokensPerSecond ?? null,
    secondsLeft: running?.secondsLeft ?? null,
    error: running ? null : error,
  };
}

/** All but those that an unread chunk has a part of. */
function pagesRead(chunks: readonly KnownChunk[], pages: number): PageRange[] {
  if (!chunks.some(({ read }) => read)) return [];
  const ranges: PageRange[] = [];
  let next = 1;
  for (const { first, last } of joined(chunks.filter(({ read }) => !read))) {
    if (first > next) ranges.push({ first: next, last: first - 1 });
    next = last + 1;
  }
  if (next <= pages) ranges.push({ first: next, last: pages });
  return ranges;
}
