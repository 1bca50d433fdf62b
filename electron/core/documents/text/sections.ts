/** From headings and paragraphs to sections, which stand for pages where a format has none. */
import { asLabel } from './clean.ts';
import type { ExtractedPage } from './extracted.ts';

export type Block =
  /** `label`: where the text has marks that a label has not. */
  | { readonly type: 'heading'; readonly text: string; readonly label?: string }
  /** A paragraph, a list, a table, a piece of code. */
  | { readonly type: 'paragraph'; readonly text: string }
  /** Begins a section without a heading, as a part of a book does. */
  | { readonly type: 'border'; readonly label: string };

/** About a printed page; a section is divided above twice as much. */
export const pageCharacters = 3000;

/** Headings that follow each other share a section; a long one is divided at paragraphs and numbered on. */
export function sections(blocks: Iterable<Block>): ExtractedPage[] {
  const pages: ExtractedPage[] = [];
  let [headings, texts, border]: [string[], string[], string] = [[], [], ''];
  let hasBody = false;
  const close = () => {
    const text = texts.join('\n\n');
    const label = asLabel(headings.join(' › ') || border);
    if (text) pages.push(...divided(label, text, pages.length));
    [headings, texts, hasBody] = [[], [], false];
  };
  for (const block of blocks) {
    if (block.type === 'border') {
      close();
      border = block.label;
    } else if (block.text) {
      if (block.type === 'heading' && hasBody) close();
      if (block.type === 'heading') {
        headings.push(block.label ?? block.text);
        border = '';
      } else hasBody = true;
      texts.push(block.text);
    }
  }
  close();
  return pages;
}

function divided(label: string, text: string, before: number): ExtractedPage[] {
  const parts = text.length > 2 * pageCharacters ? divide(text, pageCharacters) : [text];
  return parts.map((part, i) => ({
    label: label ? (i === 0 ? label : `${label} (${i + 1})`) : String(before + i + 1),
    text: part,
  }));
}

/** Pieces of about `size` that end at paragraphs, else at lines, sentences, words; at worst anywhere. */
export function divide(text: string, size: number): string[] {
  const parts: string[] = [];
  let at = 0;
  while (text.length - at > 1.5 * size) {
    const end = at + borderIn(text.slice(at, at + Math.floor(1.5 * size)), size);
    parts.push(text.slice(at, end).trim());
    at = end;
  }
  parts.push(text.slice(at).trim());
  return parts.filter(Boolean);
}

/** Behind the last border that a piece can end at, the strongest kind first; each kind has its own earliest place. */
function borderIn(window: string, size: number): number {
  const half = Math.floor(size / 2);
  for (const [border, from] of [
    ['\n\n', half],
    ['\n', half],
    [/[.!?؟。！？]["'”’)]?\s/g, half],
    [' ', half],
  ] as const) {
    const place = typeof border === 'string' ? near(window, border, size, from) : lastMatch(window, border);
    if (place >= from) return place;
  }
  // Never between the halves of a surrogate pair.
  return /[\ud800-\udbff]/.test(window.charAt(size - 1)) ? size + 1 : size;
}

/** The last `border` up to `size`, or else the first one behind it. */
function near(window: string, border: string, size: number, from: number): number {
  const before = window.lastIndexOf(border, size);
  if (before >= from) return before + border.length;
  const after = window.indexOf(border, size);
  return after < 0 ? -1 : after + border.length;
}

function lastMatch(window: string, pattern: RegExp): number {
  let end = -1;
  for (const match of window.matchAll(pattern)) end = match.index + match[0].length;
  return end;
}
