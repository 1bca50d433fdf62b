/** Plain text only: what no reader can see, and what could steer a terminal or the order of letters, goes. */

/** Controls but tab and line feed, soft hyphens, bidirectional overrides and isolates, invisible marks, lone surrogates. */
const unseen =
  /[[\p{Cc}--[\t\n]]\p{Cs}\u00ad\u200b\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]/gv;

/** Line ends become "\n", odd spaces plain ones, invisible characters go; spacing stays as it is. */
export const plain = (text: string) =>
  text
    .replace(/\r\n?|[\v\u0085\u2028\u2029]/g, '\n')
    .replace(/[\u00a0\u2000-\u200a\u202f\u205f]/g, ' ')
    .replace(unseen, '');

/** One line of prose: any white space is one space. */
export const oneLine = (text: string) => plain(text).replace(/\s+/g, ' ').trim();

/** Lines of prose: spaces are single, at most one line is empty at a time. */
export const tidy = (text: string) =>
  plain(text)
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();

/** Keeps the spacing within lines, as code needs it. */
export const tidyRaw = (text: string) =>
  plain(text)
    .replace(/[^\S\n]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\s+$/g, '');

/** A short name for a page: a heading may be a whole paragraph. */
export function asLabel(text: string): string {
  const line = oneLine(text);
  return line.length <= 120 ? line : `${[...line.slice(0, 118)].join('').trimEnd()}…`;
}
