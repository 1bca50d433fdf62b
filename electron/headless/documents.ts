/** `llamba documents`: what has been read, and what it takes on the disk. */
import { documentId } from './documents/open.ts';
import { runSubcommand } from './run-subcommand.ts';
import { shortId } from './sessions/ids.ts';
import { bytesText } from './sessions/print.ts';
import { subcommand } from './sessions/subcommand.ts';

const list = subcommand('the documents that were brought in, latest first', {}, async ({ rpc }) => {
  const { documents } = await rpc.call('documents.list', {});
  const lines = documents.map(({ id, title, kind, pages, stateBytes }) => {
    const size = `${pages} ${pages === 1 ? 'page' : 'pages'}, ${bytesText(stateBytes)} of states`;
    return `${shortId(id)}  ${kind.padEnd(8)}  ${title}  (${size})\n`;
  });
  return { value: documents, text: lines.join('') };
});

const remove = subcommand(
  'one of them, with all that is kept of it; its file stays',
  { document: { kind: 'word', value: 'DOCUMENT', help: 'its file, its id, or how that begins' } },
  async ({ rpc }, given) => {
    const document = await documentId(rpc, given.document);
    const { freedBytes } = await rpc.call('documents.remove', { document });
    return { value: { document, freedBytes }, text: `Removed; ${bytesText(freedBytes)} are free.\n` };
  },
);

export const documents = (args: string[]): Promise<void> =>
  runSubcommand('documents', { list, remove }, args);
