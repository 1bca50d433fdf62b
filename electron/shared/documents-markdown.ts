/** A summary as Markdown, for people to keep: what the model wrote apart from what stands in the document. */
import type { Anchored, DocumentEntry, PageRange, Summary } from './documents.ts';

/** "p. 12", "p. 12–14". */
export const anchor = ({ first, last }: PageRange) =>
  first === last ? `p. ${first}` : `p. ${first}–${last}`;

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

const anchored = ({ text, pages }: Anchored) =>
  pages.length > 0 ? `${oneLine(text)} (${pages.map(anchor).join(', ')})` : oneLine(text);

/** With page anchors, the document's own sentences as quotations, and where all of it came from. */
export function summaryMarkdown({ title }: Pick<DocumentEntry, 'title'>, summary: Summary): string {
  const { style, sentences, keySentences, warnings, model, at, pagesRead, pages, focus, careful } = summary;
  const flowing = style !== 'key-points' && style !== 'by-section';
  const written = sentences.map(anchored);
  const parts = [
    `# Summary of ${oneLine(title)}`,
    ...(focus === '' ? [] : [`About: ${oneLine(focus)}`]),
    flowing ? written.join(' ') : written.map((sentence) => `- ${sentence}`).join('\n'),
    ...(keySentences.length === 0
      ? []
      : ['## Sentences of the document', keySentences.map((one) => `> ${anchored(one)}`).join('\n>\n')]),
    '---',
    [
      `The summary was written by ${model} on ${new Date(at).toISOString().slice(0, 10)} and may be wrong;`,
      'the sentences of the document stand in it word for word.',
      `Read ${pagesRead} of ${pages} pages${careful ? ', each part twice' : ''}.`,
      ...warnings.map(oneLine),
    ].join(' '),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
