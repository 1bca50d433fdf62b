/** Documents on the page without the page: words, places in a text, threads, summaries on their way. */
import { expect, test } from 'vitest';
import type { SummaryRequest } from '../../../electron/shared/contract.ts';
import { exchangesOf } from '../../../renderer/documents/answers-state.ts';
import { locate, piecesOf } from '../../../renderer/documents/find.ts';
import {
  certainty,
  figuresOf,
  howFar,
  readingOf,
  shareRead,
  stepOf,
} from '../../../renderer/documents/words.ts';
import { createAppStore } from '../../../renderer/store.ts';
import { answer, entry, halfRead, quote, reading, summary } from '../../e2e/document-shapes.ts';

const request: SummaryRequest = {
  ...{ style: 'key-points', length: 'short', focus: '', careful: false, language: '' },
};

test.each([
  ['In 1687\n  Newton', '1687 newton', '1687\n  Newton'],
  ['a  b\n\nc', '…b c…', 'b\n\nc'],
  // Lower case would be longer: places stay places.
  ['İstanbul and Kum', 'and kum', 'and Kum'],
  ['ים הגאות גדול', 'הגאות', 'הגאות'],
])('in %j the words %j are found', (text, words, there) => {
  const [from, to] = locate(text, words) ?? [0, 0];
  expect(text.slice(from, to)).toBe(there);
});

test('words that do not stand there, or none, are found nowhere', () => {
  expect(locate('the sea', 'the moon')).toBeNull();
  expect(locate('the sea', '… ')).toBeNull();
});

test('headings lose their marks, and what is found is marked through them', () => {
  expect(piecesOf('# One\ntwo three', 'one two', { label: '', marks: true })).toEqual([
    { text: 'One', heading: true, found: true },
    { text: '\ntwo', heading: false, found: true },
    { text: ' three', heading: false, found: false },
  ]);
  expect(piecesOf('# no heading', null, { label: 'no', marks: false })).toEqual([
    { text: '# no heading', heading: false, found: false },
  ]);
  expect(piecesOf('Tides\nTides rise.', null, { label: 'Tides', marks: false })).toEqual([
    { text: 'Tides', heading: true, found: false },
    { text: '\nTides rise.', heading: false, found: false },
  ]);
});

test('a reading in words has its pages, and its pace only while it runs', () => {
  expect(readingOf(halfRead())).toBe('Reading: 120 of 312 pages, 402 tokens/s, 3 min left');
  expect(readingOf(halfRead({ phase: 'paused' }))).toBe('Read 120 of 312 pages. Paused');
  expect(readingOf(entry())).toBe('Read 312 of 312 pages');
  expect(readingOf(entry({ reading: reading({ phase: 'unread', pagesRead: [] }) }))).toBe('Not read yet');
  // Its states had to go for others': what is left counts.
  const thinned = reading({
    phase: 'unread',
    pagesRead: [
      { first: 1, last: 2 },
      { first: 9, last: 9 },
    ],
  });
  expect(readingOf(entry({ reading: thinned }))).toBe('Read 3 of 312 pages');
  expect(shareRead(reading({ phase: 'read', tokens: 0, tokensRead: 0 }))).toBe(1);
  expect(shareRead(halfRead().reading)).toBe(0.4);
});

test('what was read again for an answer is said, and only that', () => {
  expect(figuresOf(answer())).toMatch(/^3 passages read once more, 412 of 540 tokens fed\./);
  expect(figuresOf(answer({ chunks: 1, passageTokens: 0, fedTokens: 12 }))).toMatch(
    /^1 part asked, nothing read again: 12 tokens fed\./,
  );
});

test('how far a model reads is said of what was measured, and of its state only where that is of fixed size', () => {
  const point = (length: number) => ({ length, perplexity: 9, near: 9, norm: null });
  const lengthProbe = [point(2048), point(4096)];
  const parts = (tokens: string) => `Documents are read in parts of ${tokens} tokens at most`;
  const why = ': of a short text a state of fixed size keeps more.';
  expect(howFar({ safeLength: 4096, lengthProbe, stateBytesPerToken: 0 })).toBe(
    `Up to 4,096 tokens this model finds the words of a text as probable as near its beginning, the longest that was measured. ${parts('2,048')}${why}`,
  );
  expect(howFar({ safeLength: 1024, lengthProbe, stateBytesPerToken: 0 })).toContain(
    `beginning, and behind them less. ${parts('1,024')}`,
  );
  expect(howFar({ safeLength: null, lengthProbe, stateBytesPerToken: 0 })).toMatch(
    /^Far into a text words are less/,
  );
  expect(howFar({ safeLength: null, lengthProbe: [], stateBytesPerToken: 9 })).toBe(
    `How far this model can read was not measured. ${parts('2,048')}.`,
  );
});

test('the less certain an answer, the more careful its word', () => {
  const said = [0, 0.1, 0.2, 0.5].map(certainty);
  expect(said).toEqual(['sure', 'fairly sure', 'unsure', 'guessing']);
});

test('an answer takes gists and quotes as they come; a thread goes on from those that said something', () => {
  const store = createAppStore();
  const act = store.getState();
  const asked = () => store.getState().threads.t?.at(-1);
  act.asked('t', 'Who?', ['tides']);
  act.answerAdvanced('t', { type: 'quotes', quotes: [quote] });
  act.answerAdvanced('t', { type: 'progress', done: 1, total: 3 });
  const [gist] = answer().gists;
  if (gist) act.answerAdvanced('t', { type: 'gist', gist });
  expect(asked()).toMatchObject({ phase: 'asking', done: 1, total: 3, gists: [gist], quotes: [quote] });
  act.answered('t', answer());
  act.asked('t', 'When?', ['tides']);
  act.answerStopping('t');
  act.answerFailed('t', { code: 'cancelled', message: '', hint: '' });
  expect(asked()).toMatchObject({ phase: 'stopped', error: null });
  expect(exchangesOf(store.getState().threads.t ?? [])).toEqual([
    { question: 'Who?', answer: 'Newton named it.' },
  ]);
});

test('a summary on its way gathers notes and is replaced by what was written', () => {
  const store = createAppStore();
  const act = store.getState();
  const now = () => store.getState().summarizing.tides;
  act.summariesRead('tides', [summary({ id: 'old' })]);
  act.summaryBegun('tides', request);
  act.summaryAdvanced('tides', { type: 'progress', step: 'notes', done: 1, total: 2, secondsLeft: 3 });
  for (const text of ['One.', 'Two.'])
    act.summaryAdvanced('tides', { type: 'note', note: { text, pages: [] } });
  expect(now()?.notes.map(({ text }) => text)).toEqual(['One.', 'Two.']);
  const under = now();
  expect(under && stepOf(under)).toBe('Writing notes: 1 of 2 parts, 3 s left');
  act.summaryWritten(summary({ id: 'new' }));
  expect(now()).toBeUndefined();
  expect(store.getState().summaries.tides?.map(({ id }) => id)).toEqual(['new', 'old']);
});

test('a document that is gone is no longer open; one that changed stays where it stood', () => {
  const store = createAppStore();
  const act = store.getState();
  const other = entry({ id: 'other' });
  act.documentsRead({ documents: [entry(), other], stateBytes: 0, budgetBytes: 0 });
  act.placeSought({ document: 'other', pages: { first: 2, last: 3 }, words: null, marked: true });
  expect(store.getState().openDocument).toBe('other');
  act.documentChanged({ ...other, title: 'Renamed' });
  expect(store.getState().documents?.documents.map(({ title }) => title)).toEqual([
    'A History of Tides',
    'Renamed',
  ]);
  act.documentGone('other');
  expect(store.getState()).toMatchObject({ openDocument: null, place: null });
});
