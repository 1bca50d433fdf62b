/** `llamba ask`: a question to a document, or to all that were read. What the model says is told apart from quotations. */
import { ask as askDocuments } from '../core/documents/asking.ts';
import type { Answer, Gist, PageRange, Quote } from '../shared/documents.ts';
import { AppError } from '../shared/errors.ts';
import { broughtIn, withLibrary } from './documents/open.ts';
import { readFirst } from './documents/read-first.ts';
import { untilInterrupt } from './interrupt.ts';
import { localCore } from './local-core.ts';
import { helpOf, jsonOption, modelOption, parseOptions } from './options.ts';

const options = {
  words: { kind: 'rest', value: 'FILE QUESTION', help: 'a file or a document id, and what to ask' },
  library: { kind: 'flag', help: 'ask all documents that were read: then no FILE is given' },
  ...modelOption,
  ...jsonOption,
} as const;

export const help = helpOf(
  'ask FILE|--library QUESTION [options]',
  'Answers from what was read before; a file that was not is read first.',
  options,
);

export async function ask(args: string[]): Promise<void> {
  const given = parseOptions(args, options);
  const [file, question] = given.library ? [null, given.words] : parted(args, given.words);
  const signal = untilInterrupt();
  await withLibrary(async (library) => {
    const document = file === null ? null : (await broughtIn(library, file, signal)).document;
    const core = localCore('cli');
    try {
      await core.load(given.model ?? null);
      const ready = await core.ready();
      if (document) await readFirst(library, ready, document.id, signal);
      const answer = await askDocuments(library, ready, document && [document.id], question, { signal });
      process.stdout.write(given.json ? `${JSON.stringify(answer)}\n` : answerText(answer));
    } finally {
      await core.close();
    }
  });
}

/** The file is the first word as the shell gave it: its name may hold spaces. */
function parted(args: readonly string[], words: string): [file: string, question: string] {
  const file = args.find((arg) => words.startsWith(arg)) ?? '';
  const question = words.slice(file.length).trim();
  if (question !== '') return [file, question];
  throw new AppError('bad-request', 'QUESTION is missing.', 'llamba ask FILE "What is it about?"');
}

const answerText = ({ gists, quotes }: Answer) =>
  `${[
    'What the model says (it may be wrong):',
    ...(gists.length > 0 ? gists.map(gistText) : ['  It said nothing of use.']),
    '',
    'Exact quotes:',
    ...(quotes.length > 0 ? quotes.map(quoteText) : ['  None of the words stand in it.']),
  ].join('\n')}\n`;

const gistText = ({ text, title, pages }: Gist) =>
  `  ${text}  [${title}, ${pages.map(pagesText).join(', ')}]`;
const quoteText = ({ snippet, title, page }: Quote) =>
  `  “${snippet
    .map(({ text }) => text)
    .join('')
    .replaceAll(/\s+/g, ' ')}”  [${title}, p. ${page}]`;

export const pagesText = ({ first, last }: PageRange): string =>
  first === last ? `p. ${first}` : `pp. ${first}–${last}`;
