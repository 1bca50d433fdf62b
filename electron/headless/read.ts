/** `llamba read`: a document is read once, and its states are kept; it goes on where it was stopped. */
import type { Reading } from '../core/documents/reading.ts';
import { broughtIn, withLibrary } from './documents/open.ts';
import { timeText } from './documents/progress.ts';
import { readFirst } from './documents/read-first.ts';
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
  'Reads a document once; Ctrl-C pauses, and the same command goes on. Asking it reads nothing again.',
  options,
);

export async function read(args: string[]): Promise<void> {
  const given = parseOptions(args, options);
  const signal = untilInterrupt();
  await withLibrary(async (library) => {
    const { document, as } = await broughtIn(library, given.file, signal);
    const core = localCore('cli');
    try {
      await core.load(given.model ?? null);
      const reading = await readFirst(library, await core.ready(), document.id, signal);
      if (given.json) {
        const { secondsLeft: _, ...told } = reading;
        const { id, hash, title, kind, bytes, characters, notes } = document;
        const stateBytes = library.stateBytes(id);
        const value = { document: id, as, hash, title, kind, bytes, characters, notes, ...told, stateBytes };
        return void process.stdout.write(`${JSON.stringify(value)}\n`);
      }
      const told = reading.fedTokens === 0 ? knownText(reading) : readText(reading);
      process.stdout.write(`${told}: ${document.title}\n`);
      for (const note of document.notes) process.stdout.write(`${note}\n`);
    } finally {
      await core.close();
    }
  });
}

const readText = ({ pagesRead, pages, fedTokens, ms }: Reading) =>
  `Read ${pagesRead} of ${pages} pages (${fedTokens} tokens in ${timeText(Math.ceil(ms / 1000))})`;
const knownText = ({ pagesRead, pages }: Reading) =>
  `All is known, ${pagesRead} of ${pages} pages; nothing was read again`;
