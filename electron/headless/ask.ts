/** `llamba ask`: a question to a document, or to all that were read. What the model says is told apart from quotations. */
import type { Answer, Gist, Quote } from '../shared/documents.ts';
import { pagesText } from '../shared/documents-markdown.ts';
import { AppError } from '../shared/errors.ts';
import { broughtIn, withDocuments } from './documents/open.ts';
import { readFirst } from './documents/read-first.ts';
import { untilInterrupt } from './interrupt.ts';
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
  await withDocuments(async (here) => {
    const { core, rpc } = here;
    const document = file === null ? null : (await broughtIn(rpc, file, signal)).document;
    await core.load(given.model ?? null);
    if (document) await readFirst(here, document.id, signal);
    const asked = { documents: document && [document.id], question };
    const answer = await rpc.stream('documents.ask', asked, () => {}, signal);
    process.stdout.write(given.json ? `${JSON.stringify(answer)}\n` : answerText(answer));
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
