/** `llamba summarize`: a document in a few sentences with their pages; what the model wrote and what stands in the text. */
import {
  type Anchored,
  type Summary,
  type SummaryItem,
  type SummaryStep,
  type SummaryStyle,
  summaryLengths,
  summaryStyles,
} from '../shared/documents.ts';
import { pagesText, summaryMarkdown } from '../shared/documents-markdown.ts';
import { AppError, toErrorValue } from '../shared/errors.ts';
import { broughtIn, withDocuments } from './documents/open.ts';
import { terminalLine, timeText } from './documents/progress.ts';
import { readFirst } from './documents/read-first.ts';
import { untilInterrupt } from './interrupt.ts';
import { helpOf, jsonOption, modelOption, parseOptions } from './options.ts';

const options = {
  file: { kind: 'word', value: 'FILE', help: 'a file, or the id of a document that was read' },
  style: { kind: 'text', value: 'S', help: `${summaryStyles.join(', ')}; default ${summaryStyles[0]}` },
  length: { kind: 'text', value: 'L', help: `${summaryLengths.join(', ')}; default medium` },
  focus: { kind: 'text', value: 'T', help: 'what it should be about' },
  careful: { kind: 'flag', help: 'reads each part twice before its note is written' },
  language: { kind: 'text', value: 'T', help: "in which language, in words; left out: the document's" },
  markdown: { kind: 'flag', help: 'as Markdown, to be kept' },
  ...modelOption,
  ...jsonOption,
} as const;

export const help = helpOf(
  'summarize FILE [options]',
  'Summarizes the whole of a document; a file that was not read is read first. Ctrl-C keeps the notes so far.',
  options,
);

export async function summarize(args: string[]): Promise<void> {
  const given = parseOptions(args, options);
  const asked = {
    style: oneOf('style', summaryStyles, given.style ?? summaryStyles[0]),
    length: oneOf('length', summaryLengths, given.length ?? 'medium'),
    focus: given.focus ?? '',
    careful: given.careful,
    language: given.language ?? '',
  };
  const signal = untilInterrupt();
  await withDocuments(async (here) => {
    const { core, rpc } = here;
    const { document } = await broughtIn(rpc, given.file, signal);
    await core.load(given.model ?? null);
    await readFirst(here, document.id, signal);
    const line = terminalLine();
    try {
      const params = { document: document.id, ...asked };
      const summary = await rpc.stream(
        'documents.summarize',
        params,
        (item) => item.type === 'progress' && line.show(stepText(item)),
        signal,
      );
      line.end();
      process.stdout.write(
        given.json
          ? `${JSON.stringify(summary)}\n`
          : given.markdown
            ? summaryMarkdown(document, summary)
            : summaryText(summary),
      );
    } catch (error) {
      throw toErrorValue(error).code === 'cancelled' && signal.aborted ? stopped() : error;
    } finally {
      line.end();
    }
  });
}

const steps: Record<SummaryStep, string> = {
  reading: 'reading',
  notes: 'notes',
  'key-sentences': 'key sentences',
  merging: 'merging',
};

function stepText({ step, done, total, secondsLeft }: Extract<SummaryItem, { type: 'progress' }>): string {
  const left = secondsLeft === null ? '' : `, ${timeText(secondsLeft)} left`;
  return `${steps[step]}: ${done} of ${total}${left}`;
}

const listed: readonly SummaryStyle[] = ['key-points', 'by-section'];

function summaryText({ style, sentences, keySentences, pages, pagesRead, warnings }: Summary): string {
  const points = sentences.map(
    ({ text, pages }) => `  ${listed.includes(style) ? '- ' : ''}${text}${at(pages)}`,
  );
  return `${[
    'What the model says (it may be wrong):',
    ...(points.length > 0 ? points : ['  It said nothing of use.']),
    '',
    'Sentences of the document:',
    ...keySentences.map(({ text, pages }) => `  “${text}”${at(pages)}`),
    '',
    `Read ${pagesRead} of ${pages} pages.`,
    ...warnings,
  ].join('\n')}\n`;
}

const at = (pages: Anchored['pages']) => `  [${pages.map(pagesText).join(', ')}]`;

function oneOf<T extends string>(option: string, known: readonly T[], given: string): T {
  const found = known.find((each) => each === given);
  if (found !== undefined) return found;
  throw new AppError(
    'bad-request',
    `There is no ${option} "${given}".`,
    `Choose one of ${known.join(', ')}.`,
  );
}

const stopped = () =>
  new AppError(
    'cancelled',
    'It was stopped.',
    'The notes so far are kept: the same command goes on from there.',
  );
