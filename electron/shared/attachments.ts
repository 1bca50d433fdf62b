/**
 * Documents put into a message: blocks before its words, as the model reads them. How many there are, and how long each
 * is, stands before their text, so that no text ends its block or begins another. Pure.
 */

export interface AttachedText {
  /** In one line. */
  readonly title: string;
  readonly text: string;
}

export interface Message {
  readonly documents: readonly AttachedText[];
  /** What the user wrote. */
  readonly text: string;
}

/** Documents in one message. */
export const mostAttached = 20;

/** What every message with documents begins with. */
export const attachedMark = '<document 1 of ';
const header = /<document ([1-9]\d*) of ([1-9]\d*), (\d+) characters: (.*)>\n/y;
const footer = '\n</document>\n\n';

/** One text of both; without documents the text alone. */
export function composed({ documents, text }: Message): string {
  const blocks = documents.map(
    ({ title, text }, i) =>
      `<document ${i + 1} of ${documents.length}, ${text.length} characters: ${inOneLine(title)}>\n${text}${footer}`,
  );
  return blocks.join('') + text;
}

/** The other way round; a text that is not made so has no documents. `characters` are UTF-16 units. */
export function parted(message: string): Message {
  const documents: AttachedText[] = [];
  let at = 0;
  for (let count = 1; documents.length < count; ) {
    header.lastIndex = at;
    const [all = '', number, of, characters, title = ''] = header.exec(message) ?? [];
    const from = at + all.length;
    const to = from + Number(characters);
    if (documents.length === 0) count = Number(of);
    const next = Number(number) === documents.length + 1 && Number(of) === count;
    if (!next || !message.startsWith(footer, to)) return { documents: [], text: message };
    documents.push({ title, text: message.slice(from, to) });
    at = to + footer.length;
  }
  return { documents, text: message.slice(at) };
}

const inOneLine = (text: string) => text.replace(/\s+/g, ' ').trim();
