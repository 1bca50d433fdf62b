/** Documents as their page shows them, and the steps that change them. */
import type { DocumentEntry, DocumentList } from '../../electron/shared/contract.ts';

export interface DocumentsState {
  /** null until core has told. */
  readonly documents: DocumentList | null;
}

export interface DocumentsActions {
  documentsRead(documents: DocumentList): void;
  documentChanged(document: DocumentEntry): void;
  documentGone(document: string): void;
}

export const noDocuments: DocumentsState = { documents: null };

type Step = Partial<DocumentsState>;
type Set = (step: Step | ((state: DocumentsState) => Step)) => void;

export function documentsActions(set: Set): DocumentsActions {
  const changed = (change: (entries: readonly DocumentEntry[]) => readonly DocumentEntry[]) =>
    set(({ documents }) =>
      documents === null ? {} : { documents: { ...documents, documents: change(documents.documents) } },
    );
  return {
    documentsRead: (documents) => set({ documents }),
    documentChanged: (document) =>
      changed((entries) =>
        entries.some(({ id }) => id === document.id)
          ? entries.map((entry) => (entry.id === document.id ? document : entry))
          : [document, ...entries],
      ),
    documentGone: (document) => changed((entries) => entries.filter(({ id }) => id !== document)),
  };
}
