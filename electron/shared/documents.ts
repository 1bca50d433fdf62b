/** Documents: read once by the model, chunk by chunk, then asked without being read again. */
import type { AppErrorValue } from './errors.ts';

export type DocumentKind = 'pdf' | 'docx' | 'epub' | 'html' | 'markdown' | 'text';

/** Pages count from 1. */
export interface PageRange {
  readonly first: number;
  readonly last: number;
}

/** The most tokens of a chunk: beyond them states of these sizes hold less of what was read, however long a text is safe. */
export const longestChunk = 2048;

/** How far the model in use has read a document. */
export interface DocumentReading {
  /** waiting: another document is being read, or a reply written. */
  readonly phase: 'unread' | 'waiting' | 'running' | 'paused' | 'read' | 'failed';
  /** Whose every chunk has been read, in order, neighbours joined. */
  readonly pagesRead: readonly PageRange[];
  readonly chunks: number;
  readonly chunksRead: number;
  readonly tokens: number;
  readonly tokensRead: number;
  readonly tokensPerSecond: number | null;
  /** null until the pace is known. */
  readonly secondsLeft: number | null;
  readonly error: AppErrorValue | null;
}

/** A document in the library. */
export interface DocumentEntry {
  readonly id: string;
  readonly title: string;
  readonly kind: DocumentKind;
  /** Where the file lay, or its name where the host does not tell. */
  readonly path: string;
  /** Of the file. */
  readonly bytes: number;
  readonly pages: number;
  readonly characters: number;
  /** What has to be known of its text, such as pages without any. */
  readonly notes: readonly string[];
  readonly addedAt: number;
  readonly reading: DocumentReading;
  /** Of the states kept of it. */
  readonly stateBytes: number;
}

export interface DocumentList {
  /** Latest first. */
  readonly documents: readonly DocumentEntry[];
  /** Of all states, and the most that they may take: the states of what was asked longest ago go first. */
  readonly stateBytes: number;
  readonly budgetBytes: number;
}

export interface DocumentPage {
  readonly page: number;
  /** As the document numbers it; often the same. */
  readonly label: string;
  readonly text: string;
}

/** A piece of a result with the pages it came from. */
export interface Anchored {
  readonly text: string;
  readonly pages: readonly PageRange[];
}

/** Gist: what the model says, from a passage or a state; it may be wrong. */
export interface Gist extends Anchored {
  readonly document: string;
  readonly title: string;
  /** Mean entropy of the answer's tokens as a share of the greatest possible: 0 is certain. */
  readonly uncertainty: number;
}

/** Quotation: words that stand in the document. */
export interface Quote {
  readonly document: string;
  readonly title: string;
  readonly page: number;
  readonly snippet: readonly { readonly text: string; readonly match: boolean }[];
}

/** An earlier question of the same thread, and what was answered first. */
export interface Exchange {
  readonly question: string;
  readonly answer: string;
}

export interface Answer {
  readonly question: string;
  /** Those of the chunks that fit the question best come first. */
  readonly gists: readonly Gist[];
  readonly quotes: readonly Quote[];
  readonly ms: number;
  readonly firstTokenMs: number;
  /** Passages that were asked, or chunks where the question's words stand nowhere. */
  readonly chunks: number;
  /** All that had to be fed for it, and how much of that was the document's: passages that were read once more. */
  readonly fedTokens: number;
  readonly passageTokens: number;
}

export type AnswerItem =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'quotes'; readonly quotes: readonly Quote[] }
  | { readonly type: 'gist'; readonly gist: Gist };

export const summaryStyles = ['key-points', 'paragraph', 'executive', 'by-section', 'for-a-child'] as const;
export type SummaryStyle = (typeof summaryStyles)[number];

export const summaryLengths = ['short', 'medium', 'long'] as const;
export type SummaryLength = (typeof summaryLengths)[number];

export interface SummaryRequest {
  readonly style: SummaryStyle;
  readonly length: SummaryLength;
  /** What it should be about; '': the whole. */
  readonly focus: string;
  /** Each chunk is read twice before its note is written. */
  readonly careful: boolean;
  /** In which language, in words; '': the document's. */
  readonly language: string;
}

export interface Summary extends SummaryRequest {
  readonly id: string;
  readonly document: string;
  /** The model that wrote it. */
  readonly model: string;
  readonly at: number;
  readonly sentences: readonly Anchored[];
  /** Sentences of the document itself, ranked by the model's own scores. */
  readonly keySentences: readonly Anchored[];
  /** One note per chunk, in order; those of no use are left out. */
  readonly notes: readonly Anchored[];
  readonly pagesRead: number;
  readonly pages: number;
  /** What went wrong on the way and was told instead of hidden. */
  readonly warnings: readonly string[];
  readonly ms: number;
}

export type SummaryStep = 'reading' | 'notes' | 'key-sentences' | 'merging';

export type SummaryItem =
  | {
      readonly type: 'progress';
      readonly step: SummaryStep;
      readonly done: number;
      readonly total: number;
      readonly secondsLeft: number | null;
    }
  | { readonly type: 'note'; readonly note: Anchored }
  /** What it would be if it ended now. */
  | { readonly type: 'sentences'; readonly sentences: readonly Anchored[] };

/** How probable a model finds the words of a text, far into it and near its beginning. */
export interface LengthPoint {
  /** Tokens before the end of the window. */
  readonly length: number;
  /** Of the window's tokens, behind all that stands before them. */
  readonly perplexity: number;
  /** Of the same tokens, behind as many as the window has. */
  readonly near: number;
  /** Root mean square of the recurrent state at `length`; null: the model has none. */
  readonly norm: number | null;
}

/** How well a model finds again what it has read: planted facts asked for at some length. */
export interface RecallPoint {
  /** needle: one odd fact in prose; phone-book: one number of many. */
  readonly probe: 'needle' | 'phone-book';
  /** read-once: one state over all; read-twice: the same text twice; chunks: a state per chunk, the one asked that search finds. */
  readonly mode: 'read-once' | 'read-twice' | 'chunks';
  /** Tokens of the text. */
  readonly length: number;
  readonly right: number;
  readonly asked: number;
}

export interface Recall {
  readonly model: string;
  readonly name: string;
  readonly at: number;
  readonly device: string;
  readonly backend: string;
  readonly points: readonly RecallPoint[];
  /** What follows for a reader, in one honest sentence. */
  readonly sentence: string;
}
