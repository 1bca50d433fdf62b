/** The commands of the Documents page, and what core says of documents. */
import type { Contract } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { calling, type Link } from '../app/link.ts';
import type { Store } from '../store.ts';

export interface DocumentsCommands {
  readDocuments(): void;
}

/** Listens on a new connection. */
export function followDocuments(opened: Client<Contract>, store: Store): void {
  const act = store.getState();
  opened.on('document.changed', act.documentChanged);
  opened.on('document.gone', ({ document }) => act.documentGone(document));
}

export function documentsCommands(link: Link): DocumentsCommands {
  const act = link.store.getState();
  return {
    readDocuments: () =>
      void calling(link, (rpc) => rpc.call('documents.list', {})).then(
        (documents) => documents && act.documentsRead(documents),
      ),
  };
}
