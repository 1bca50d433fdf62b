/** What each style and length of a summary asks of the model. Pure. */
import type { SummaryLength, SummaryRequest, SummaryStyle } from '../../shared/documents.ts';

/** Something to ask, and the same in other words where that led to nothing of use. */
export type Requests = readonly [string, string];

/** Texts of two sentences each that remain at the end; by-section: sections at most. */
export const textsOf: Record<SummaryStyle, Record<SummaryLength, number>> = {
  'key-points': { short: 3, medium: 6, long: 10 },
  paragraph: { short: 2, medium: 3, long: 5 },
  executive: { short: 2, medium: 3, long: 5 },
  'by-section': { short: 4, medium: 8, long: 16 },
  'for-a-child': { short: 2, medium: 3, long: 5 },
};

/** Of a part of the document. The same for all styles, so that notes serve them all. */
export function noteRequests({ focus, language }: Pick<SummaryRequest, 'focus' | 'language'>): Requests {
  const rest = `${about(focus)}${tongue(language)}`;
  return [
    `Summarize this part of the document in two sentences.${rest}`,
    `What does this part say? Name the people, places and facts in it, briefly.${rest}`,
  ];
}

/** Of notes, on the way to fewer. */
export function mergeRequests({ language }: Pick<SummaryRequest, 'language'>): Requests {
  return [
    `Summarize these notes in two sentences.${tongue(language)}`,
    `What do these notes say together? Answer in two sentences.${tongue(language)}`,
  ];
}

/** Of the last notes, in a style that has words of its own; null: it takes them as they are. */
export function lastRequests({
  style,
  language,
}: Pick<SummaryRequest, 'style' | 'language'>): Requests | null {
  const own = ownWords[style];
  return own ? [`${own[0]}${tongue(language)}`, `${own[1]}${tongue(language)}`] : null;
}

const ownWords: Partial<Record<SummaryStyle, Requests>> = {
  executive: [
    'Write two sentences for a busy reader: what matters most here, and what follows from it.',
    'Which results, numbers and decisions are in these notes? Answer in two sentences.',
  ],
  'for-a-child': [
    'Explain this to a child of eight, in two short and simple sentences.',
    'Tell a child what happens here. Use two short sentences and easy words.',
  ],
};

const about = (focus: string) => (focus ? ` Tell only what matters for this: ${focus}` : '');
const tongue = (language: string) => (language ? ` Answer in ${language}.` : '');
