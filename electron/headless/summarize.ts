/** `llamba summarize`: a document in a few sentences with their pages; what the model wrote and what stands in the text. */
import { summarize as summarizeDocument, type WrittenSummary } from '../core/documents/summarizing.ts';
import type { Anchored, SummaryStep, SummaryStyle } from '../shared/documents.ts';
import { AppError, toErrorValue } from '../shared/errors.ts';
import { pagesText } from './ask.ts';
import { broughtIn, withLibrary } from './documents/open.ts';
import { terminalLine } from './documents/progress.ts';
import { readFirst } from './documents/read-first.ts';
import { untilInterrupt } from './interrupt.ts';
import { localCore } from './local-core.ts';
import { helpOf, jsonOption, modelOption, parseOptions } from './options.ts';

const styles: readonly SummaryStyle[] = ['key-points', 'paragraph'];

const options = {
  file: { kind: 'word', value: 'FILE', help: 'a file, or the id of a document that was read' },
  style: { kind: 'text', value: 'S', help: `${styles.join(' or ')}; default ${styles[0]}` },
  focus: { kind: 'text', value: 'T', help: 'what it should be about' },
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
  const style = styles.find((known) => known === (given.style ?? styles[0]));
  if (!style) throw noStyle(given.style ?? '');
  const signal = untilInterrupt();
  await withLibrary(async (library) => {
    const { document } = await broughtIn(library, given.file, signal);
    const core = localCore('cli');
    const line = terminalLine();
    try {
      await core.load(given.model ?? null);
      const ready = await core.ready();
      await readFirst(library, ready, document.id, signal);
      const asked = { style, focus: given.focus ?? '' };
      const onProgress = (step: SummaryStep, done: number, total: number) =>
        line.show(`${steps[step]}: ${done} of ${total}`);
      const summary = await summarizeDocument(library, ready, document.id, asked, {
        signal,
        onProgress,
      }).catch((error) => {
        throw toErrorValue(error).code === 'cancelled' && signal.aborted ? stopped() : error;
      });
      line.end();
      process.stdout.write(given.json ? `${JSON.stringify(summary)}\n` : summaryText(summary));
    } finally {
      line.end();
      await core.close();
    }
  });
}

const steps = {
  reading: 'reading',
  notes: 'notes',
  'key-sentences': 'key sentences',
  merging: 'merging',
} as const;

function summaryText({ style, sentences, keySentences, pages, pagesRead, warnings }: WrittenSummary): string {
  const points = sentences.map(
    ({ text, pages }) => `  ${style === 'key-points' ? '- ' : ''}${text}${at(pages)}`,
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

const noStyle = (given: string) =>
  new AppError('bad-request', `There is no style "${given}".`, `Choose one of ${styles.join(', ')}.`);
const stopped = () =>
  new AppError(
    'cancelled',
    'It was stopped.',
    'The notes so far are kept: the same command goes on from there.',
  );
