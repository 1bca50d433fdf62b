/** Documents as their page shows them, and the steps that change them: the library, and the document that is open. */
import type { DocumentEntry, DocumentList, PageRange } from '../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../electron/shared/errors.ts';
import { type AnswersActions, type AnswersState, answersActions, noAnswers } from './answers-state.ts';
import { noRecall, type RecallActions, type RecallState, recallActions } from './recall-state.ts';
import {
  noSummaries,
  type SummariesActions,
  type SummariesState,
  summariesActions,
} from './summaries-state.ts';

/** A file on its way into the library. */
export interface Addition {
  readonly id: number;
  readonly name: string;
  /** Bytes handed to core, of how many; equal: its text is being taken out. */
  readonly sent: number;
  readonly bytes: number;
  readonly error: AppErrorValue | null;
}

/** Where in the open document the reader is led. */
export interface Place {
  readonly document: string;
  readonly pages: PageRange;
  /** To be found on those pages and marked; null: nothing. */
  readonly words: string | null;
  /** The pages themselves are marked. */
  readonly marked: boolean;
}

interface LibraryState {
  /** null until core has told. */
  readonly documents: DocumentList | null;
  readonly documentsError: AppErrorValue | null;
  /** Oldest first. */
  readonly additions: readonly Addition[];
  readonly openDocument: string | null;
  readonly place: Place | null;
}

interface LibraryActions {
  documentsRead(documents: DocumentList): void;
  documentsFailed(error: AppErrorValue): void;
  documentChanged(document: DocumentEntry): void;
  documentGone(document: string): void;
  additionChanged(addition: Addition): void;
  additionGone(id: number): void;
  documentOpened(document: string | null): void;
  placeSought(place: Place): void;
}

export type DocumentsState = LibraryState & SummariesState & AnswersState & RecallState;
export type DocumentsActions = LibraryActions & SummariesActions & AnswersActions & RecallActions;

export const noDocuments: DocumentsState = {
  documents: null,
  documentsError: null,
  additions: [],
  openDocument: null,
  place: null,
  ...noSummaries,
  ...noAnswers,
  ...noRecall,
};

type Step = Partial<DocumentsState>;
export type SetDocuments = (step: Step | ((state: DocumentsState) => Step)) => void;

export function documentsActions(set: SetDocuments): DocumentsActions {
  const changed = (change: (entries: readonly DocumentEntry[]) => readonly DocumentEntry[]) =>
    set(({ documents }) =>
      documents === null ? {} : { documents: { ...documents, documents: change(documents.documents) } },
    );
  return {
    documentsRead: (documents) => set({ documents, documentsError: null }),
    documentsFailed: (documentsError) => set({ documentsError }),
    documentChanged: (document) =>
      changed((entries) =>
        entries.some(({ id }) => id === document.id)
          ? entries.map((entry) => (entry.id === document.id ? document : entry))
          : [document, ...entries],
      ),
    documentGone(document) {
      changed((entries) => entries.filter(({ id }) => id !== document));
      set(({ openDocument }) => (openDocument === document ? { openDocument: null, place: null } : {}));
    },
    additionChanged: (addition) =>
      set(({ additions }) => ({
        additions: additions.some(({ id }) => id === addition.id)
          ? additions.map((one) => (one.id === addition.id ? addition : one))
          : [...additions, addition],
      })),
    additionGone: (gone) =>
      set(({ additions }) => ({ additions: additions.filter(({ id }) => id !== gone) })),
    documentOpened: (openDocument) => set({ openDocument, place: null }),
    placeSought: (place) => set({ place, openDocument: place.document }),
    ...summariesActions(set),
    ...answersActions(set),
    ...recallActions(set),
  };
}
