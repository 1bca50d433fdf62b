/** `llamba documents`: what has been read, and what it takes on the disk. */
import { type Library, removeDocument } from '../core/documents/library.ts';
import { AppError } from '../shared/errors.ts';
import { namedDocument, withLibrary } from './documents/open.ts';
import { helpOf, jsonOption, parseOptions } from './options.ts';
import { shortId } from './sessions/ids.ts';
import { bytesText } from './sessions/print.ts';

const removeOptions = {
  document: { kind: 'word', value: 'DOCUMENT', help: 'its file, its id, or how that begins' },
  ...jsonOption,
} as const;

const help = `usage: llamba documents SUBCOMMAND ...

  list    the documents that were read
  remove  one of them, with all that is kept of it; its file stays

llamba documents SUBCOMMAND --help lists its words and options.
`;

export async function documents([name = '', ...args]: string[]): Promise<void> {
  if (name === '--help') return void process.stdout.write(help);
  if (name === 'list') return list(args);
  if (name === 'remove') return remove(args);
  throw new AppError('bad-request', `There is no subcommand "${name}".`, 'See llamba documents --help.');
}

async function list(args: string[]): Promise<void> {
  if (args.includes('--help'))
    return void process.stdout.write(
      helpOf('documents list [options]', 'The documents that were read, latest first.', jsonOption),
    );
  const { json } = parseOptions(args, jsonOption);
  await withLibrary(async (library) => {
    const all = listed(library);
    if (json) return void process.stdout.write(`${JSON.stringify(all)}\n`);
    for (const { id, title, kind, pages, stateBytes } of all) {
      const size = `${pages} ${pages === 1 ? 'page' : 'pages'}, ${bytesText(stateBytes)} of states`;
      process.stdout.write(`${shortId(id)}  ${kind.padEnd(8)}  ${title}  (${size})\n`);
    }
  });
}

const listed = (library: Library) =>
  library.documents().map((row) => ({ ...row, stateBytes: library.stateBytes(row.id) }));

async function remove(args: string[]): Promise<void> {
  if (args.includes('--help'))
    return void process.stdout.write(
      helpOf(
        'documents remove DOCUMENT [options]',
        'Removes what is kept of a document; its file stays.',
        removeOptions,
      ),
    );
  const given = parseOptions(args, removeOptions);
  await withLibrary(async (library) => {
    const { id, title } = namedDocument(library, given.document);
    const freedBytes = library.stateBytes(id);
    removeDocument(library, id);
    const text = given.json ? JSON.stringify({ document: id, freedBytes }) : `Removed ${title}.`;
    process.stdout.write(`${text}\n`);
  });
}
