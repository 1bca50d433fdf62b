/** Documents as commands use them: core with the documents of this user, and a document by how a person names it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Core } from '../../core/core.ts';
import type { Contract, DocumentEntry } from '../../shared/contract.ts';
import type { Client } from '../../shared/rpc.ts';
import { localCore, userData } from '../local-core.ts';
import { byBeginning } from '../sessions/ids.ts';

export interface Here {
  readonly core: Core;
  readonly rpc: Client<Contract>;
}

/** Open while `work` runs. A database that was damaged is set aside, and told. */
export async function withDocuments(work: (here: Here) => Promise<void>): Promise<void> {
  const core = localCore('cli', { data: userData });
  try {
    const rpc = core.connect();
    await rpc.call('documents.list', {});
    const { damaged } = await rpc.call('storage.get', {});
    for (const { path, error } of damaged)
      process.stderr.write(`llamba: ${error.message} It was set aside: ${path}\n`);
    await work({ core, rpc });
  } finally {
    await core.close();
  }
}

/** By the file's path, or by its id or how that begins; what is none of these is given back as it is. */
export async function documentId(rpc: Here['rpc'], name: string): Promise<string> {
  const { documents } = await rpc.call('documents.list', {});
  const known = documents.find(({ path }) => path === resolve(name));
  const ids = documents.map(({ id }) => id);
  return known?.id ?? byBeginning(name, ids);
}

export interface BroughtIn {
  readonly document: DocumentEntry;
  /** known: this very content was here; changed: another content of that file was, whose place it takes. */
  readonly as: 'new' | 'known' | 'changed';
}

/** A file is brought in, so that what is asked is asked of what it holds now; any other name is of a known document. */
export async function broughtIn(rpc: Here['rpc'], name: string, signal: AbortSignal): Promise<BroughtIn> {
  const { documents } = await rpc.call('documents.list', {});
  const named = documents.filter(({ id }) => id.startsWith(name));
  if (named.length > 0 && !existsSync(name)) {
    const id = byBeginning(
      name,
      named.map((document) => document.id),
    );
    return { document: named.find((document) => document.id === id) as DocumentEntry, as: 'known' };
  }
  const document = await rpc.call('documents.add', { path: resolve(name) }, signal);
  const before = documents.find(({ id }) => id === document.id);
  return { document, as: !before ? 'new' : before.addedAt === document.addedAt ? 'known' : 'changed' };
}
