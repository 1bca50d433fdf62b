/** A document in a few sentences: a note of each chunk, merged level by level, each sentence with its pages. */
import type { Anchored, Summary, SummaryItem, SummaryRequest, SummaryStep } from '../../shared/documents.ts';
import type { Ready } from '../loaded-model.ts';
import { keySentences } from './key-sentences.ts';
import { findDocument, type Library } from './library.ts';
import { type Item, merge, rewrite, stepsOf } from './merging.ts';
import { type Note, noteKey, type Writing, writeNotes } from './notes.ts';
import { partsOf, shareWithin } from './parts.ts';
import { readerOf } from './reader.ts';
import { chunksFor, progressOf } from './reading.ts';
import { unread } from './replying.ts';
import { distinct, joined, pagesOf, sentencesOf } from './sentences.ts';
import { lastRequests, mergeRequests, noteRequests, textsOf } from './styles.ts';

/** As it is written, before it is kept. */
export type WrittenSummary = Omit<Summary, 'id' | 'model' | 'at'>;

export interface SummaryControl {
  readonly signal?: AbortSignal | undefined;
  readonly onItem?: ((item: SummaryItem) => void) | undefined;
}

const mostKeySentences = 5;

/** Throws `state-not-found` where something of it is unread; `cancelled`: the notes so far are kept, and used next time. */
export async function summarize(
  library: Library,
  ready: Ready,
  id: string,
  asked: SummaryRequest,
  { signal = new AbortController().signal, onItem = () => {} }: SummaryControl = {},
): Promise<WrittenSummary> {
  const began = performance.now();
  const { pages } = findDocument(library, id);
  const reader = readerOf(ready);
  const chunks = chunksFor(library, reader, id);
  if (chunks.length === 0 || chunks.some(({ read }) => !read)) throw unread();
  const writing: Writing = { library, ready, reader, document: id, signal };

  const kept = chunks.filter(({ state }) => library.note(state, noteKey(asked)) !== null).length;
  const noted = stepped('notes', onItem, kept);
  const notes = await writeNotes(writing, chunks, asked, (note, done) => {
    if (note.fault === null) onItem({ type: 'note', note: anchored(itemOf(note)) });
    noted(done, chunks.length);
  });
  const useful = notes.filter(({ fault }) => fault === null).map(itemOf);
  const show = (items: readonly Item[]) =>
    onItem({ type: 'sentences', sentences: sentencesWithPages(items, useful) });
  show(surest(useful, textsOf[asked.style][asked.length]));

  const keys = await keySentences(
    writing,
    notes,
    noteRequests(asked)[0],
    mostKeySentences,
    stepped('key-sentences', onItem),
  );
  const items = await brought(writing, useful, asked, stepped('merging', onItem), show);
  return {
    ...asked,
    document: id,
    sentences: sentencesWithPages(items, useful),
    keySentences: keys,
    notes: useful.map(anchored),
    pagesRead: progressOf(chunks, new Set(chunks.map(({ state }) => state)), pages).pagesRead,
    pages,
    warnings: [...noteWarnings(notes), ...mergeWarnings(items)],
    ms: performance.now() - began,
  };
}

/** To the length and style that are asked for; by-section, each part by itself. */
async function brought(
  writing: Writing,
  notes: readonly Item[],
  asked: SummaryRequest,
  onStep: (done: number, total: number) => void,
  show: (items: readonly Item[]) => void,
): Promise<readonly Item[]> {
  const most = textsOf[asked.style][asked.length];
  const [requests, last] = [mergeRequests(asked), lastRequests(asked)];
  const bySection = asked.style === 'by-section';
  const runs = bySection ? sectionsOf(writing, notes, most) : [{ title: null, items: notes }];
  const left = bySection ? 1 : most;
  const steps = runs.reduce((sum, { items }) => sum + stepsOf(items.length, left), 0);
  const total = steps + (last ? Math.min(most, notes.length) : 0);
  let done = 0;
  const step = () => onStep(++done, total);
  const all: Item[] = [];
  for (const { title, items } of runs) {
    const some = await merge(writing, items, left, requests, step);
    all.push(...some.map((item) => (title ? { ...item, text: `${title}: ${item.text}` } : item)));
    show(all);
  }
  if (!last) return all;
  return rewrite(
    writing,
    all.map((item) => [item]),
    last,
    step,
  );
}

/** Notes by the part of the document that they are mostly of; one that holds whole parts goes under no title. */
function sectionsOf({ library, document }: Writing, notes: readonly Item[], most: number) {
  const parts = partsOf(library.labels(document), most);
  const home = notes.map((note) => {
    const shares = parts.map((part) => shareWithin(note, part));
    return shares.indexOf(Math.max(...shares));
  });
  return parts
    .map((part, i) => {
      const items = notes.filter((_, at) => home[at] === i);
      const isOfIt = items.every((note) => shareWithin(note, part) >= 1 / 2);
      return { title: isOfIt ? part.title : null, items };
    })
    .filter(({ items }) => items.length > 0);
}

/** Tells how far a step is, with the time left by its own pace. `free`: how many of it are there already. */
function stepped(step: SummaryStep, onItem: (item: SummaryItem) => void, free = 0) {
  const began = performance.now();
  return (done: number, total: number) => {
    const each = done > free ? (performance.now() - began) / (done - free) : null;
    const secondsLeft = each === null ? null : Math.ceil((each * (total - done)) / 1000);
    onItem({ type: 'progress', step, done, total, secondsLeft });
  };
}

const itemOf = ({ text, uncertainty, chunk: { first, last } }: Note): Item => ({
  text,
  uncertainty,
  faults: 0,
  pages: [{ first, last }],
});

const anchored = ({ text, pages }: Anchored): Anchored => ({ text, pages });

/** In their order. */
function surest(items: readonly Item[], most: number): Item[] {
  const some = new Set(items.toSorted((a, b) => a.uncertainty - b.uncertainty).slice(0, most));
  return items.filter((item) => some.has(item));
}

/** What is said twice stands once. */
const sentencesWithPages = (items: readonly Item[], notes: readonly Anchored[]): Anchored[] =>
  distinct(
    items.flatMap(({ text, pages }) =>
      sentencesOf(text).map((sentence) => ({ text: sentence, pages: narrowed(sentence, pages, notes) })),
    ),
  );

/** Of a merged text's pages, those of the notes that the sentence is nearest to. */
function narrowed(sentence: string, pages: Anchored['pages'], notes: readonly Anchored[]) {
  const within = notes.filter((note) =>
    note.pages.every((one) => pages.some(({ first, last }) => one.first >= first && one.last <= last)),
  );
  return within.length > 0 ? pagesOf(sentence, within) : [...pages];
}

const told = {
  empty: 'stayed empty',
  repeats: 'repeated themselves',
  copies: 'copied the question',
  strays: 'told what the pages do not',
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

function mergeWarnings(items: readonly Item[]): string[] {
  const faults = items.reduce((sum, item) => sum + item.faults, 0);
  return faults === 0
    ? []
    : [`${faults} times notes could not be merged, and the surest of them stands for the others.`];
}
