/** `llamba read`: a document is read once, and its states are kept; it goes on where it was stopped. */
import { broughtIn, withDocuments } from './documents/open.ts';
import { countPages, timeText } from './documents/progress.ts';
import { type ReadNow, readFirst } from './documents/read-first.ts';
import { untilInterrupt } from './interrupt.ts';
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
  await withDocuments(async (here) => {
    const { document, as } = await broughtIn(here.rpc, given.file, signal);
    await here.core.load(given.model ?? null);
    const now = await readFirst(here, document.id, signal);
    process.stdout.write(given.json ? `${JSON.stringify({ as, ...told(now) })}\n` : textOf(now));
  });
}

function told({ document, fedTokens, ms }: ReadNow) {
  const { id, reading, addedAt: _, ...known } = document;
  const { pagesRead, chunks, chunksRead, tokens, tokensRead } = reading;
  const read = { pagesRead: countPages(pagesRead), chunks, chunksRead, tokens, tokensRead };
  return { document: id, ...known, ...read, fedTokens, ms };
}

function textOf({ document: { title, pages, reading, notes }, fedTokens, ms }: ReadNow): string {
  const read = `${countPages(reading.pagesRead)} of ${pages} pages`;
  const told =
    fedTokens === 0
      ? `All is known, ${read}; nothing was read again`
      : `Read ${read} (${fedTokens} tokens in ${timeText(Math.ceil(ms / 1000))})`;
  return [`${told}: ${title}`, ...notes, ''].join('\n');
}
