/** A document in a few sentences: a note of each chunk, merged level by level, each sentence with its pages. */
import type { Anchored, Summary, SummaryStep, SummaryStyle } from '../../shared/documents.ts';
import type { Ready } from '../loaded-model.ts';
import { keySentences } from './key-sentences.ts';
import { inLanes } from './lanes.ts';
import { findDocument, type Library } from './library.ts';
import { type Note, requestsOf, usable, writeNotes } from './notes.ts';
import { type Reader, readerOf } from './reader.ts';
import { chunksFor, progressOf } from './reading.ts';
import { replyTo, together, unread } from './replying.ts';
import { joined, pagesOf, sentencesOf } from './sentences.ts';

/** As it is written, before it is kept. */
export type WrittenSummary = Omit<Summary, 'id' | 'model' | 'at' | 'length' | 'careful' | 'language'>;

export interface SummaryControl {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((step: SummaryStep, done: number, total: number) => void) | undefined;
}

/** A text with the pages that it came from, and how sure the model was of it. */
type Item = Anchored & { readonly uncertainty: number };

/** Texts that remain when merging ends. */
const wanted: Record<SummaryStyle, number> = {
  'key-points': 6,
  paragraph: 3,
  executive: 3,
  'by-section': 6,
  'for-a-child': 3,
};
/** Texts that are merged into one. */
const merged = 4;
const mergedTokens = 96;
const mostKeySentences = 5;

const mergeRequests = [
  'Summarize these notes in two sentences.',
  'What do these notes say together? Answer in two sentences.',
] as const;

/** Throws `state-not-found` where something of it is unread; `cancelled`: the notes so far are kept, and used next time. */
export async function summarize(
  library: Library,
  ready: Ready,
  id: string,
  { style, focus }: { style: SummaryStyle; focus: string },
  { signal = new AbortController().signal, onProgress = () => {} }: SummaryControl = {},
): Promise<WrittenSummary> {
  const began = performance.now();
  const { pages } = findDocument(library, id);
  const reader = readerOf(ready);
  const chunks = chunksFor(library, reader, id);
  if (chunks.length === 0 || chunks.some(({ read }) => !read)) throw unread();
  const notes = await writeNotes(library, ready, reader, chunks, focus, signal, (done, total) =>
    onProgress('notes', done, total),
  );
  const [request] = requestsOf(focus);
  const keys = await keySentences(
    library,
    ready,
    reader,
    id,
    notes,
    request,
    mostKeySentences,
    signal,
    (done, total) => onProgress('key-sentences', done, total),
  );
  const useful = notes.filter(({ fault }) => fault === null).map(itemOf);
  const { items, faults } = await merge(useful, wanted[style], ready, reader, signal, (done, total) =>
    onProgress('merging', done, total),
  );
  const { pagesRead } = progressOf(chunks, new Set(chunks.map(({ state }) => state)), pages);
  return {
    document: id,
    style,
    focus,
    sentences: items.flatMap(({ text, pages }) =>
      sentencesOf(text).map((sentence) => ({
        text: sentence,
        pages: narrowed(sentence, pages, useful),
      })),
    ),
    keySentences: keys,
    notes: useful.map(({ text, pages }) => ({ text, pages })),
    pagesRead,
    pages,
    warnings: [...noteWarnings(notes), ...mergeWarnings(faults)],
    ms: performance.now() - began,
  };
}

const itemOf = ({ text, uncertainty, chunk: { first, last } }: Note): Item => ({
  text,
  uncertainty,
  pages: [{ first, last }],
});

/** Of a merged text's pages, those of the notes that the sentence is nearest to. */
function narrowed(sentence: string, pages: Anchored['pages'], notes: readonly Anchored[]) {
  const within = notes.filter((note) =>
    note.pages.every((one) => pages.some(({ first, last }) => one.first >= first && one.last <= last)),
  );
  return within.length > 0 ? pagesOf(sentence, within) : [...pages];
}

/** Level by level, until no more than `most` are left. Of a group that cannot be merged its surest text stands for all. */
async function merge(
  notes: readonly Item[],
  most: number,
  ready: Ready,
  reader: Reader,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<{ items: readonly Item[]; faults: number }> {
  let items = notes;
  let faults = 0;
  let done = 0;
  while (items.length > most) {
    const groups = groupsOf(items, Math.max(most, Math.ceil(items.length / merged)));
    const total = done + groups.length;
    items = await inLanes(groups, together, async (group) => {
      const text = group.map((item) => item.text).join('\n\n');
      const said = await usable(mergeRequests, (request, repetitionPenalty) =>
        replyTo(text, reader, {
          ready,
          signal,
          ids: reader.ask(request),
          maxTokens: mergedTokens,
          repetitionPenalty,
        }),
      );
      onProgress(++done, total);
      const pages = joined(group.flatMap((item) => item.pages));
      if (said.fault === null) return { text: said.text, uncertainty: said.uncertainty, pages };
      faults += 1;
      return group.reduce((best, item) => (item.uncertainty < best.uncertainty ? item : best));
    });
  }
  return { items, faults };
}

/** As many groups of neighbours, of sizes that differ by one at most. */
export function groupsOf<T>(items: readonly T[], count: number): T[][] {
  return Array.from({ length: count }, (_, i) =>
    items.slice(Math.floor((i * items.length) / count), Math.floor(((i + 1) * items.length) / count)),
  );
}

const told = {
  empty: 'stayed empty',
  repeats: 'repeated themselves',
  copies: 'copied the question',
} as const;

function noteWarnings(notes: readonly Note[]): string[] {
  return Object.entries(told).flatMap(([fault, what]) => {
    const those = notes.filter((note) => note.fault === fault);
    if (those.length === 0) return [];
    const ranges = joined(those.map(({ chunk: { first, last } }) => ({ first, last })));
    const where = ranges.map(({ first, last }) => (first === last ? first : `${first}–${last}`)).join(', ');
    return [`${those.length} of ${notes.length} notes ${what} and were left out (pages ${where}).`];
  });
}

const mergeWarnings = (faults: number): string[] =>
  faults === 0
    ? []
    : [`${faults} times notes could not be merged, and the surest of them stands for the others.`];
