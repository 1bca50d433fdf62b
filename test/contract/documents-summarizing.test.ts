import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import { importDocument } from '../../electron/core/documents/importing.ts';
import type { Library } from '../../electron/core/documents/library.ts';
import { noteKey } from '../../electron/core/documents/notes.ts';
import { readerOf } from '../../electron/core/documents/reader.ts';
import { chunksFor, readDocument } from '../../electron/core/documents/reading.ts';
import { summarize } from '../../electron/core/documents/summarizing.ts';
import type { Ready } from '../../electron/core/loaded-model.ts';
import type { SummaryItem, SummaryRequest } from '../../electron/shared/documents.ts';
import { toErrorValue } from '../../electron/shared/errors.ts';
import { paragraphs, somewhere } from './documents-tiny.ts';
import { tinyCore } from './tiny-core.ts';

const failure = (work: Promise<unknown>) => work.then(() => null, toErrorValue);
const points: SummaryRequest = {
  style: 'key-points',
  length: 'medium',
  focus: '',
  careful: false,
  language: '',
};

describe('summarizing', () => {
  let core: Core;
  let ready: Ready;
  let library: Library;
  let id = '';
  const chunks = () => chunksFor(library, readerOf(ready), id);
  const request = noteKey(points);
  beforeAll(async () => {
    core = await tinyCore(null);
    ready = await core.ready();
    const place = somewhere();
    library = place.open();
    id = (await importDocument(library, place.write('a.txt', paragraphs(100).join('\n\n')))).document.id;
  });
  afterAll(async () => {
    library.close();
    await core.close();
  });

  it('is refused while something is unread', async () => {
    expect(await failure(summarize(library, ready, id, points))).toMatchObject({ code: 'state-not-found' });
  });
  it('keeps the notes that are written when it is cancelled, and goes on behind them', async () => {
    await readDocument(library, ready, id);
    const stop = new AbortController();
    const error = await failure(
      summarize(library, ready, id, points, {
        signal: stop.signal,
        onItem: (item) => void (item.type === 'progress' && item.done === 5 && stop.abort()),
      }),
    );
    expect(error).toMatchObject({ code: 'cancelled' });
    const kept = chunks().filter(({ state }) => library.note(state, request) !== null);
    expect(kept.length).toBeGreaterThanOrEqual(5);
    expect(kept.length).toBeLessThan(chunks().length);
    // A kept note is used as it stands: what is put in its place comes back.
    const row = library.note(kept[2]?.state ?? '', request);
    if (!row) throw new Error('there is no such note');
    library.putNote({ ...row, text: 'This was kept.', fault: null });
    const items: SummaryItem[] = [];
    const { notes } = await summarize(library, ready, id, points, { onItem: (item) => items.push(item) });
    expect(notes.map(({ text }) => text)).toContain('This was kept.');
    expect(chunks().every(({ state }) => library.note(state, request) !== null)).toBe(true);
    const streamed = items.flatMap((item) => (item.type === 'note' ? [item.note] : []));
    expect(new Set(streamed)).toEqual(new Set(notes));
    // What was kept took no time, so that no pace follows from it.
    const paces = items.flatMap((item) =>
      item.type === 'progress' && item.step === 'notes' ? [item.secondsLeft] : [],
    );
    expect(paces.slice(0, kept.length)).toEqual(kept.map(() => null));
    expect(paces.at(-1)).toBe(0);
  });
  it('has sentences with pages of the document, few of them, and says what it left out', async () => {
    const { pages } = library.document(id) ?? { pages: 0 };
    const all = chunks();
    for (const [i, { state }] of all.entries()) {
      const fault = i < 3 ? ('repeats' as const) : null;
      library.putNote({ state, request, text: `Note ${i} tells of the river.`, uncertainty: 0.5, fault });
    }
    const summary = await summarize(library, ready, id, points);
    expect(summary).toMatchObject({ pages, pagesRead: pages });
    expect(summary.notes).toHaveLength(all.length - 3);
    expect(summary.warnings[0]).toMatch(
      new RegExp(`^3 of ${all.length} notes repeated themselves and were left out \\(pages 1–\\d+\\)\\.$`),
    );
    expect(summary.sentences.length).toBeGreaterThan(0);
    for (const { pages: ranges } of [...summary.sentences, ...summary.notes, ...summary.keySentences]) {
      expect(ranges.length).toBeGreaterThan(0);
      for (const { first, last } of ranges) {
        expect(first).toBeGreaterThanOrEqual(1);
        expect(last).toBeGreaterThanOrEqual(first);
        expect(last).toBeLessThanOrEqual(pages);
      }
    }
  });
  it('has key sentences that stand on their pages, word for word, in order', async () => {
    const { keySentences } = await summarize(library, ready, id, points);
    expect(keySentences).toHaveLength(5);
    const text = library.texts(id);
    for (const { text: sentence, pages } of keySentences) {
      const [range] = pages;
      const said = text.slice((range?.first ?? 1) - 1, range?.last).join(' ');
      expect(said.replaceAll(/\s+/g, ' ')).toContain(sentence);
    }
    const firsts = keySentences.map(({ pages }) => pages[0]?.first ?? 0);
    expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
  });
  it('writes other notes for another focus, and leaves no state behind', async () => {
    const { stateCount } = await ready.rpc.call('memory', {});
    const river = { ...points, style: 'paragraph', focus: 'the river' } as const;
    await summarize(library, ready, id, river);
    const focused = noteKey(river);
    expect(chunks().every(({ state }) => library.note(state, focused) !== null)).toBe(true);
    expect((await ready.rpc.call('memory', {})).stateCount).toBe(stateCount);
  });
  it('reads twice for a careful one, and keeps those notes apart', async () => {
    const careful = { ...points, careful: true, language: 'German' };
    expect(noteKey(careful)).not.toBe(noteKey({ ...points, language: 'German' }));
    const before = chunks().filter(({ state }) => library.note(state, noteKey(careful)) !== null);
    expect(before).toEqual([]);
    const { notes, ...summary } = await summarize(library, ready, id, careful);
    expect(summary).toMatchObject({ careful: true, language: 'German' });
    const rows = chunks().map(({ state }) => library.note(state, noteKey(careful)));
    expect(rows.every((row) => row !== null)).toBe(true);
    expect(notes).toHaveLength(rows.filter((row) => row?.fault === null).length);
  });
  it('by section has one text for each, under its title, in order', async () => {
    const place = somewhere();
    const titled = place.open();
    const parts = paragraphs(60, 4);
    const text = ['Storm', 'Calm', 'Harbour'].map(
      (title, i) => `# ${title}\n\n${parts.slice(20 * i, 20 * i + 20).join('\n\n')}`,
    );
    const { document } = await importDocument(titled, place.write('a.md', text.join('\n\n')));
    await readDocument(titled, ready, document.id);
    const all = chunksFor(titled, readerOf(ready), document.id);
    const asked = { ...points, style: 'by-section' } as const;
    for (const [i, { state }] of all.entries()) {
      const note = { state, request: noteKey(asked), uncertainty: 1 - i / 100, fault: null };
      titled.putNote({ ...note, text: `Note number ${i} tells of the river.` });
    }
    const seen: SummaryItem[] = [];
    const { sentences } = await summarize(titled, ready, document.id, asked, {
      onItem: (item) => seen.push(item),
    });
    expect(sentences.map((sentence) => sentence.text.split(':')[0])).toEqual(['Storm', 'Calm', 'Harbour']);
    const firsts = sentences.map(({ pages }) => pages[0]?.first ?? 0);
    expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
    expect(seen.findLast((item) => item.type === 'sentences')).toEqual({ type: 'sentences', sentences });
    // One note of all sections is of none.
    const short = '# Storm\n\nIt blew.\n\n# Calm\n\nIt was still.\n\n# Harbour\n\nAll were in.';
    const { document: small } = await importDocument(titled, place.write('b.md', short));
    await readDocument(titled, ready, small.id);
    const [only] = chunksFor(titled, readerOf(ready), small.id);
    const row = { request: noteKey(asked), uncertainty: 1, fault: null, text: 'It blew, then it was still.' };
    titled.putNote({ ...row, state: only?.state ?? '' });
    expect((await summarize(titled, ready, small.id, asked)).sentences).toEqual([
      { text: 'It blew, then it was still.', pages: [{ first: 1, last: 3 }] },
    ]);
    titled.close();
  });
  it('is as long as is asked for, and has its own words for a child', async () => {
    const sentences = async (more: Partial<SummaryRequest>) =>
      (await summarize(library, ready, id, { ...points, ...more })).sentences.length;
    expect(await sentences({ length: 'short' })).toBeLessThan(await sentences({ length: 'long' }));
    const steps: SummaryItem[] = [];
    await summarize(
      library,
      ready,
      id,
      { ...points, style: 'for-a-child', length: 'short' },
      { onItem: (item) => steps.push(item) },
    );
    const merging = steps.filter((item) => item.type === 'progress' && item.step === 'merging');
    expect(merging.at(-1)).toMatchObject({ secondsLeft: 0 });
    expect(merging.map((item) => item.type === 'progress' && item.done)).toEqual(
      merging.map((_, i) => i + 1),
    );
  });
});
