/** A text by its beginning, as it stands in a list. Pure. */

/** In UTF-16 units. */
export const longestTitle = 60;

export const inOneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

/** The beginning of a text, cut between words. */
export function firstWords(text: string): string {
  const line = inOneLine(text);
  if (line.length <= longestTitle) return line;
  const cut = line.slice(0, longestTitle - 1);
  const space = cut.lastIndexOf(' ');
  // Text without spaces is cut anywhere but inside a character.
  const kept = space > longestTitle / 2 ? cut.slice(0, space) : cut.replace(/[\ud800-\udbff]$/, '');
  return `${kept}…`;
}
