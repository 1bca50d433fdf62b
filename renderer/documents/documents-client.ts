/** The commands of the Documents page, and what core says of documents. */
import type { Contract, DocumentEntry, DocumentPage } from '../../electron/shared/contract.ts';
import { toErrorValue } from '../../electron/shared/errors.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { calling, type Link, type Outcome, outcome } from '../app/link.ts';
import { sendFile } from '../sessions/files.ts';
import type { Store } from '../store.ts';
import { type AnswersCommands, answersCommands } from './answers-client.ts';
import type { Place } from './documents-state.ts';
import { type RecallCommands, recallCommands } from './recall-client.ts';
import { type SummariesCommands, summariesCommands } from './summaries-client.ts';

interface LibraryCommands {
  /** Again, after a failure. */
  readDocuments(): void;
  /** Puts files into the library and has them read; one alone is opened. */
  addDocuments(files: readonly File[]): void;
  cancelAddition(id: number): void;
  /** null: back to the library. */
  openDocument(document: string | null): void;
  /** Leads the reader to a place, in whichever document it is. */
  showPlace(place: Place): void;
  readDocument(document: string): void;
  pauseDocument(document: string): void;
  removeDocument(document: string): void;
  readPages(document: string, first: number, last: number): Promise<Outcome<readonly DocumentPage[]>>;
  setStateBudget(bytes: number): void;
}

export type DocumentsCommands = LibraryCommands & SummariesCommands & AnswersCommands & RecallCommands;

/** Listens on a new connection. */
export function followDocuments(opened: Client<Contract>, store: Store): void {
  const act = store.getState();
  opened.on('document.changed', act.documentChanged);
  opened.on('document.gone', ({ document }) => act.documentGone(document));
}

export function documentsCommands(link: Link): DocumentsCommands {
  const { store } = link;
  const act = store.getState();
  const adding = new Map<number, AbortController>();
  let additions = 0;

  const changing = (work: (rpc: Client<Contract>) => Promise<DocumentEntry>) =>
    void calling(link, work).then((document) => document && act.documentChanged(document));

  /** Gives the document; null where it did not come, which is then said where it was to appear. */
  async function add(file: File): Promise<DocumentEntry | null> {
    const addition = { id: ++additions, name: file.name, sent: 0, bytes: file.size, error: null };
    const stop = new AbortController();
    adding.set(addition.id, stop);
    act.additionChanged(addition);
    const added = await outcome(link, async (rpc) => {
      const path = window.llamba?.pathOf?.(file);
      const sent = (bytes: number) =>
        stop.signal.aborted || act.additionChanged({ ...addition, sent: bytes });
      const from = path ? { path } : await sendFile(rpc, file, sent, stop.signal);
      stop.signal.throwIfAborted();
      sent(file.size);
      return rpc.call('documents.add', from, stop.signal);
    });
    adding.delete(addition.id);
    if (added.ok || stop.signal.aborted) act.additionGone(addition.id);
    else act.additionChanged({ ...addition, error: added.error });
    if (!added.ok) return null;
    act.documentChanged(added.value);
    return stop.signal.aborted ? null : added.value;
  }

  const commands: DocumentsCommands = {
    readDocuments() {
      link.rpc
        ?.call('documents.list', {})
        .then(act.documentsRead, (error) => act.documentsFailed(toErrorValue(error)));
    },
    async addDocuments(files) {
      act.pageShown('documents');
      for (const file of files) {
        const document = await add(file);
        if (!document) continue;
        if (files.length === 1) commands.openDocument(document.id);
        if (document.reading.phase === 'unread') commands.readDocument(document.id);
      }
    },
    cancelAddition(id) {
      adding.get(id)?.abort();
      act.additionGone(id);
    },
    openDocument(document) {
      act.documentOpened(document);
      if (document !== null) commands.readSummaries(document);
    },
    showPlace(place) {
      const elsewhere = store.getState().openDocument !== place.document;
      act.placeSought(place);
      if (elsewhere) commands.readSummaries(place.document);
    },
    readDocument: (document) => changing((rpc) => rpc.call('documents.read', { document })),
    pauseDocument: (document) => changing((rpc) => rpc.call('documents.pause', { document })),
    removeDocument: (document) =>
      void calling(link, (rpc) => rpc.call('documents.remove', { document })).then(
        (done) => done && act.documentGone(document),
      ),
    readPages: (document, first, last) =>
      outcome(link, (rpc) => rpc.call('documents.pages', { document, first, last })),
    setStateBudget: (bytes) =>
      void calling(link, (rpc) => rpc.call('documents.budget', { bytes })).then(
        (documents) => documents && act.documentsRead(documents),
      ),
    ...summariesCommands(link),
    ...answersCommands(link),
    ...recallCommands(link),
  };
  return commands;
}
