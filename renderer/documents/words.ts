/** Documents and what is done to them, in words. */
import type {
  Answer,
  DocumentEntry,
  DocumentKind,
  DocumentReading,
  LoadedModel,
  PageRange,
  RecallPoint,
  Summary,
  SummaryLength,
  SummaryStep,
  SummaryStyle,
} from '../../electron/shared/contract.ts';
import { longestChunk } from '../../electron/shared/documents.ts';
import { timeLeft } from '../models/words.ts';
import { bytes, count, duration, rate, tokens } from '../ui/units.ts';
import type { Summarizing } from './summaries-state.ts';

export const kinds: Record<DocumentKind, string> = {
  pdf: 'PDF',
  docx: 'Word document',
  epub: 'EPUB',
  html: 'Web page',
  markdown: 'Markdown',
  text: 'Text',
};

export const styles: Record<SummaryStyle, string> = {
  'key-points': 'Key points',
  paragraph: 'One paragraph',
  executive: 'Executive summary',
  'by-section': 'By section',
  'for-a-child': 'For a child',
};

export const lengths: Record<SummaryLength, string> = { short: 'Short', medium: 'Medium', long: 'Long' };

export const pages = (n: number) => `${count(n)} ${n === 1 ? 'page' : 'pages'}`;

/** "PDF, 312 pages, 4.1 MiB". */
export const factsOf = ({ kind, pages: n, bytes: size }: DocumentEntry) =>
  [kinds[kind], pages(n), bytes(size)].join(', ');

const size = (ranges: readonly PageRange[]) =>
  ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);

/** How many pages have been read. */
export const pagesRead = ({ reading }: DocumentEntry) => size(reading.pagesRead);

/** Of the tokens; what has none is read as soon as it is said to be. */
export const shareRead = ({ phase, tokens: all, tokensRead }: DocumentReading) =>
  phase === 'read' ? 1 : all > 0 ? tokensRead / all : 0;

const readUpTo = (document: DocumentEntry) =>
  `Read ${count(pagesRead(document))} of ${pages(document.pages)}`;

/** What its reading is at: "Reading: 120 of 312 pages, 402 tokens/s, 3 min left". */
export function readingOf(document: DocumentEntry): string {
  const { phase, tokensPerSecond, secondsLeft } = document.reading;
  if (phase === 'read') return readUpTo(document);
  if (phase === 'unread' && pagesRead(document) === 0) return 'Not read yet';
  if (phase === 'waiting') return `${readUpTo(document)}. Waiting for its turn`;
  if (phase === 'paused') return `${readUpTo(document)}. Paused`;
  if (phase !== 'running') return readUpTo(document);
  return [
    `Reading: ${count(pagesRead(document))} of ${pages(document.pages)}`,
    ...(tokensPerSecond === null ? [] : [rate(tokensPerSecond)]),
    ...(secondsLeft === null ? [] : [`${timeLeft(secondsLeft)} left`]),
  ].join(', ');
}

const steps: Record<SummaryStep, readonly [doing: string, unit: string]> = {
  reading: ['Reading', 'tokens'],
  notes: ['Writing notes', 'parts'],
  'key-sentences': ['Choosing sentences', 'parts'],
  merging: ['Bringing the notes together', 'steps'],
};

/** What a summary is at: "Writing notes: 3 of 40 parts, 2 min left". */
export function stepOf({ phase, step, done, total, secondsLeft }: Summarizing): string {
  if (phase === 'stopping') return 'Stopping…';
  if (step === null) return 'Beginning…';
  const [doing, unit] = steps[step];
  const far = total > 0 ? `: ${count(done)} of ${count(total)} ${unit}` : '';
  return `${doing}${far}${secondsLeft === null ? '' : `, ${timeLeft(secondsLeft)} left`}`;
}

export const day = (at: number) => new Date(at).toLocaleString('en-GB', { dateStyle: 'medium' });
export const dayAndTime = (at: number) =>
  new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** "Written by Llamba-135M on 24 Nov 2026 in 45.2 s. Read 312 of 312 pages." */
export const provenance = ({ model, at, ms, pagesRead: read, pages: all }: Summary) =>
  `Written by ${model} on ${day(at)} in ${duration(ms)}. Read ${count(read)} of ${pages(all)}.`;

/**
 * What a gist's entropy, as a share of the greatest, is worth in words. The embedded model, asked 16 questions of
 * test/fixtures/prose/south.txt: none below 0.06, 3 of 6 right below 0.14, 1 of 8 below 0.25, 4 of 22 above.
 */
export function certainty(uncertainty: number): string {
  if (uncertainty < 0.06) return 'sure';
  if (uncertainty < 0.14) return 'fairly sure';
  if (uncertainty < 0.25) return 'unsure';
  return 'guessing';
}

/** "3 passages read once more, 412 of 540 tokens fed. First word after 480 ms, all after 2.1 s." */
export function figuresOf({ chunks, fedTokens, passageTokens, firstTokenMs, ms }: Answer): string {
  const asked =
    passageTokens > 0
      ? `${count(chunks)} ${chunks === 1 ? 'passage' : 'passages'} read once more, ` +
        `${count(passageTokens)} of ${tokens(fedTokens)} fed`
      : `${count(chunks)} ${chunks === 1 ? 'part' : 'parts'} asked, nothing read again: ${tokens(fedTokens)} fed`;
  return `${asked}. First word after ${duration(firstTokenMs)}, all after ${duration(ms)}.`;
}

export const probes: Record<RecallPoint['probe'], string> = {
  needle: 'One odd fact in prose',
  'phone-book': 'One number of many',
};

export const modes: Record<RecallPoint['mode'], string> = {
  'read-once': 'Read once',
  'read-twice': 'Read twice',
  chunks: 'Read in parts',
};

/** Up to which length the model reads as well as at a beginning, and why documents are read in parts all the same. */
export function howFar({
  safeLength,
  lengthProbe,
  stateBytesPerToken,
}: Pick<LoadedModel, 'safeLength' | 'lengthProbe' | 'stateBytesPerToken'>): string {
  const parts =
    `Documents are read in parts of ${tokens(Math.min(safeLength ?? longestChunk, longestChunk))} at most` +
    (stateBytesPerToken === 0 ? ': of a short text a state of fixed size keeps more.' : '.');
  const longest = lengthProbe.at(-1);
  if (!longest) return `How far this model can read was not measured. ${parts}`;
  const told =
    safeLength === null
      ? 'Far into a text words are less probable to this model than near its beginning, at every length that was measured'
      : `Up to ${tokens(safeLength)} this model finds the words of a text as probable as near its beginning` +
        (safeLength < longest.length ? ', and behind them less' : ', the longest that was measured');
  return `${told}. ${parts}`;
}
