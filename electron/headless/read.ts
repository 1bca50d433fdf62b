/** `llamba read`: a document is read once, and its states are kept; it goes on where it was stopped. */
import { type Reading, readDocument } from '../core/documents/reading.ts';
import { AppError, toErrorValue } from '../shared/errors.ts';
import { broughtIn, withLibrary } from './documents/open.ts';
import { readingLine, timeText } from './documents/progress.ts';
import { untilInterrupt } from './interrupt.ts';
import { localCore } from './local-core.ts';
import { helpOf, jsonOption, modelOption, parseOptions } from './options.ts';

const options = {
  file: { kind: 'word', value: 'FILE', help: 'a PDF, DOCX, EPUB, HTML, Markdown or text file' },
  ...modelOption,
  ...jsonOption,
} as const;

export const help = helpOf(
  'read FILE [options]',
  'Reads a document once; Ctrl-C pauses, and the same command goes on. Asking and summarizing read nothing again.',
  options,
);

export async function read(args: string[]): Promise<void> {
  const given = parseOptions(args, options);
  const signal = untilInterrupt();
  await withLibrary(async (library) => {
    const { document, as } = await broughtIn(library, given.file, signal);
    const core = localCore('cli');
    const line = readingLine();
    let before = 0;
    let told: Reading | null = null;
    try {
      await core.load(given.model ?? null);
      const ready = await core.ready();
      const onProgress = (now: Parameters<typeof line.show>[0]) => {
        before = now.pagesRead;
        line.show(now);
      };
      told = await readDocument(library, ready, document.id, { signal, onProgress });
    } catch (error) {
      throw toErrorValue(error).code === 'cancelled' ? paused(before, document.pages) : error;
    } finally {
      line.end();
      await core.close();
    }
    if (given.json) {
      const { secondsLeft: _, ...reading } = told;
      const { id, hash, title, kind, bytes, characters, notes } = document;
      const stateBytes = library.stateBytes(id);
      const value = { document: id, as, hash, title, kind, bytes, characters, notes, ...reading, stateBytes };
      return void process.stdout.write(`${JSON.stringify(value)}\n`);
    }
    process.stdout.write(`${told.fedTokens === 0 ? knownText(told) : readText(told)}${document.title}\n`);
    for (const note of document.notes) process.stdout.write(`${note}\n`);
  });
}

const readText = ({ pagesRead, pages, fedTokens, ms }: Reading) =>
  `Read ${pagesRead} of ${pages} pages (${fedTokens} tokens in ${timeText(Math.ceil(ms / 1000))}): `;
const knownText = ({ pagesRead, pages }: Reading) =>
  `All is known, ${pagesRead} of ${pages} pages; nothing was read again: `;

const paused = (pagesRead: number, pages: number) =>
  new AppError(
    'cancelled',
    `Paused: ${pagesRead} of ${pages} pages are read.`,
    'What was read is kept: the same command goes on from there.',
  );
