/** What a screen reader says of a reply that is still being written: whole sentences, once each. */

const end = /[.!?…。！？]["'”’)\]*_]*(?=\s)|\n/g;

/** Where the last finished sentence of `text` ends; `from` when none has finished since. */
export function finishedUpTo(text: string, from: number): number {
  end.lastIndex = from;
  let upTo = from;
  for (let match = end.exec(text); match; match = end.exec(text)) upTo = end.lastIndex;
  return upTo;
}

/** Markdown as one would say it: without its marks; a code block is named, not spelled. */
export function spoken(markdown: string): string {
  return markdown
    .replace(/```[\s\S]*?(```|$)/g, ' (code) ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^\s*(#{1,6}|>|[-*+]|\|)\s*/gm, '')
    .replace(/[*_`~|]+/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
