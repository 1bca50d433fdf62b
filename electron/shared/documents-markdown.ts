/** A summary as Markdown, to be kept and passed on: what the model wrote stands apart from what the document says. Pure. */
import type { Anchored, DocumentEntry, PageRange, Summary, SummaryStyle } from './documents.ts';

/** "p. 3", "pp. 3–5". */
export const pagesText = ({ first, last }: PageRange): string =>
  first === last ? `p. ${first}` : `pp. ${first}–${last}`;

const listed: readonly SummaryStyle[] = ['key-points', 'by-section'];

export function summaryMarkdown(
  { title, path }: Pick<DocumentEntry, 'title' | 'path'>,
  summary: Summary,
): string {
  const { style, focus, careful, model, at, sentences, keySentences, pagesRead, pages, warnings } = summary;
  const file = path.split(/[\\/]/).at(-1) ?? path;
  const said = sentences.map((sentence) => `${plain(sentence.text)} ${anchor(sentence)}`);
  const lines = [
    `# ${plain(title)}`,
    ...(focus ? [`About: ${plain(focus)}`] : []),
    ...(said.length > 0 ? [] : ['The model said nothing of use.']),
    listed.includes(style) ? said.map((sentence) => `- ${sentence}`).join('\n') : said.join(' '),
    ...(keySentences.length > 0 ? ['## Sentences of the document'] : []),
    ...keySentences.map((sentence) => `> ${plain(sentence.text)} ${anchor(sentence)}`),
    '---',
    `Written by ${plain(model)} on ${new Date(at).toISOString().slice(0, 10)} from ${pagesRead} of ${pages} pages` +
      `${careful ? ', each read twice,' : ''} of ${plain(file)}. It may be wrong; what is quoted stands in the document.`,
    ...warnings.map(plain),
  ];
  return `${lines.filter(Boolean).join('\n\n')}\n`;
}

const anchor = ({ pages }: Anchored) => `(${pages.map(pagesText).join(', ')})`;

/** What Markdown would take for its own; at the beginning of a line, marks of lists and headings too. */
const plain = (text: string) =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_[\]<>|~]/g, '\\$&')
    .replace(/^(\d*)([#+.)-])/, '$1\\$2');
