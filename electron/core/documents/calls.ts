/** The calls on documents as such: in, out, read, looked at. */
import type { Contract, DocumentPage } from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import type { Handlers } from '../../shared/rpc.ts';
import type { Arrived } from '../sessions/incoming.ts';
import type { Desk } from './desk.ts';
import { importDocument } from './importing.ts';
import { findDocument, removeDocument } from './library.ts';

type Calls = Pick<
  Handlers<Contract>,
  | 'documents.list'
  | 'documents.add'
  | 'documents.remove'
  | 'documents.pages'
  | 'documents.read'
  | 'documents.pause'
  | 'documents.budget'
>;

/** `take`: the file of which the pieces came by imports.begin and imports.add. */
export function libraryCalls(desk: () => Desk, take: (id: string) => Promise<Arrived>): Calls {
  /** One file comes in after the other: so the same one twice is known the second time. */
  let coming: Promise<unknown> = Promise.resolve();

  function list({ library, entry, budget }: Desk) {
    return {
      documents: library.documents().map(({ id }) => entry(id)),
      stateBytes: library.allStateBytes(),
      budgetBytes: budget,
    };
  }

  /** `name`: of a file that lies here only for now. */
  async function add(
    { library, background, changed, entry }: Desk,
    path: string,
    name: string | null,
    signal: AbortSignal,
  ) {
    const before = name === null ? library.byPath(path) : null;
    const wasWanted = before !== null && library.isWanted(before.id);
    const { document, as } = await importDocument(library, path, { signal, name });
    if (as === 'changed' && wasWanted) {
      await background.pause(document.id);
      background.read(document.id);
    }
    changed(document.id);
    return entry(document.id);
  }

  return {
    'documents.list': async () => list(desk()),
    'documents.add': async (from, { signal }) => {
      const here = desk();
      const arrived = 'import' in from ? await take(from.import) : null;
      const adding = coming.then(() =>
        'path' in from
          ? add(here, from.path, null, signal)
          : add(here, arrived?.path ?? '', arrived?.name ?? '', signal),
      );
      coming = adding.catch(() => undefined);
      return adding.finally(() => arrived?.remove());
    },
    'documents.remove': async ({ document }) => {
      const { library, background, isHeld, gone } = desk();
      findDocument(library, document);
      await background.pause(document);
      if (isHeld(document)) throw inWork();
      const before = library.allStateBytes();
      removeDocument(library, document);
      gone(document);
      return { freedBytes: before - library.allStateBytes() };
    },
    'documents.pages': async ({ document, first, last }) => {
      const { library } = desk();
      const { pages } = findDocument(library, document);
      const found: DocumentPage[] = [];
      for (let page = first; page <= Math.min(last, pages); page++) {
        const row = library.page(document, page);
        if (row) found.push({ page, ...row });
      }
      return found;
    },
    'documents.read': async ({ document }) => {
      const { library, background, models, changed, entry } = desk();
      findDocument(library, document);
      // Where no model is, nor comes, nothing will ever read it.
      if (models.wanted === null) await models.ready();
      background.read(document);
      changed(document);
      return entry(document);
    },
    'documents.pause': async ({ document }) => {
      const { library, background, changed, entry } = desk();
      findDocument(library, document);
      await background.pause(document);
      changed(document);
      return entry(document);
    },
    'documents.budget': async ({ bytes }) => {
      const here = desk();
      here.setBudget(bytes);
      return list(here);
    },
  };
}

const inWork = () =>
  new AppError(
    'busy',
    'The document is being asked or summarized.',
    'Wait for its end or stop it, then remove it.',
  );
