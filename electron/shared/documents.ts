/** Documents: read once by the model, chunk by chunk, then asked without being read again. */
export type DocumentKind = 'pdf' | 'docx' | 'epub' | 'html' | 'markdown' | 'text';

export interface PageRange {
  readonly first: number;
  readonly last: number;
}

/** A piece of a result with the pages it came from. */
export interface Anchored {
  readonly text: string;
  readonly pages: readonly PageRange[];
}

/** Gist: what the model says from a state; it may be wrong. */
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

export interface Answer {
  readonly question: string;
  /** Those of the chunks that fit the question best come first. */
  readonly gists: readonly Gist[];
  readonly quotes: readonly Quote[];
  readonly ms: number;
  readonly firstTokenMs: number;
  /** Chunks that answered, and tokens that had to be fed for it: the question's, nothing of the document. */
  readonly chunks: number;
  readonly fedTokens: number;
}

export type SummaryStyle = 'key-points' | 'paragraph';

export interface Summary {
  readonly document: string;
  readonly style: SummaryStyle;
  readonly focus: string;
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

export type SummaryStep = 'notes' | 'key-sentences' | 'merging';
