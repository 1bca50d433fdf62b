/** What is taken out of a file, and what it may cost. */
import type { DocumentKind } from '../../../shared/documents.ts';
import type { AppErrorValue } from '../../../shared/errors.ts';

export interface ExtractedPage {
  /** As printed or as the section is called. */
  readonly label: string;
  readonly text: string;
}

export interface ExtractedText {
  readonly kind: DocumentKind;
  readonly title: string;
  /** A page's offset is the sum of the lengths before it: nothing stands between two pages. */
  readonly pages: readonly ExtractedPage[];
  /** Of all pages, in UTF-16 units as `length` counts. */
  readonly characters: number;
  /** What has to be known of the text, such as "12 of 30 pages hold pictures only". */
  readonly notes: readonly string[];
}

export interface Limits {
  readonly seconds: number;
  /** Of the whole reading process. */
  readonly memoryBytes: number;
  readonly fileBytes: number;
  /** What the parts of an archive may unpack to, all together. */
  readonly unpackedBytes: number;
  readonly characters: number;
  readonly pages: number;
}

export const usualLimits: Limits = {
  seconds: 180,
  memoryBytes: 1536 * 2 ** 20,
  fileBytes: 512 * 2 ** 20,
  unpackedBytes: 256 * 2 ** 20,
  characters: 100_000_000,
  pages: 50_000,
};

/** Told to the reading process, and what comes back. */
export interface Order {
  readonly path: string;
  readonly limits: Limits;
}
export type News =
  | { readonly progress: readonly [done: number, total: number] }
  | { readonly pages: readonly ExtractedPage[] }
  | { readonly done: Pick<ExtractedText, 'kind' | 'title' | 'notes'> }
  | { readonly error: AppErrorValue };

/** What a reader of one kind is given. */
export interface Source {
  readonly path: string;
  /** The file's name without its ending: a title where the file has none. */
  readonly name: string;
  readonly limits: Limits;
  /** In pages or parts. */
  readonly progress: (done: number, total: number) => void;
}
export type Read = Pick<ExtractedText, 'title' | 'pages' | 'notes'>;
