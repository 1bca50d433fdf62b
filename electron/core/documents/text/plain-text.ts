/** Text files: form feeds are pages; without them a page is about 3,000 characters that end at a paragraph. */
import { plain, tidyRaw } from './clean.ts';
import type { Read } from './extracted.ts';
import { divide, pageCharacters } from './sections.ts';

export function readText(text: string, name: string): Read {
  const sheets = text.split('\f');
  const parts =
    sheets.length > 1
      ? // A page of a printer's file; one that is far too long was no page.
        sheets.flatMap((sheet) =>
          sheet.length > 10 * pageCharacters ? divide(plain(sheet), pageCharacters) : [sheet],
        )
      : divide(plain(text), pageCharacters);
  const pages = parts
    .map((part, i) => ({ label: String(i + 1), text: tidyRaw(part) }))
    .filter((page) => page.text);
  return { title: name, pages, notes: [] };
}
