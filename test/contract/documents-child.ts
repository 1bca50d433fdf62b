/** Reads a document and tells each chunk, to be killed meanwhile. usage: node documents-child.ts DATA FILE */
import { importDocument } from '../../electron/core/documents/importing.ts';
import { openLibrary } from '../../electron/core/documents/library.ts';
import { readDocument } from '../../electron/core/documents/reading.ts';
import { coreAt } from '../faults/core.ts';
import { tinyModels } from './tiny-models.ts';

const [data = '', file = ''] = process.argv.slice(2);
const core = coreAt(data, tinyModels());
const library = openLibrary(data);
await core.load('one');
const { document } = await importDocument(library, file);
const tell = (line: unknown) => void process.stdout.write(`${JSON.stringify(line)}\n`);
const onProgress = ({ chunksRead, tokensRead }: { chunksRead: number; tokensRead: number }) =>
  tell({ chunksRead, tokensRead });
const { fedTokens } = await readDocument(library, await core.ready(), document.id, { onProgress });
tell({ done: true, fedTokens });
library.close();
await core.close();
