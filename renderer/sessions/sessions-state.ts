/** The library of sessions as the sidebar shows it, and the steps that change it. */
import type {
  Folder,
  Preset,
  SearchHit,
  SessionList,
  SessionSummary,
  Storage,
} from '../../electron/shared/contract.ts';

/** What was just deleted and can come back. */
export interface Undo {
  readonly session: string;
  /** null: the session itself. */
  readonly turn: string | null;
  readonly label: string;
}

export interface SessionsState {
  /** null until core has told. */
  readonly sessions: readonly SessionSummary[] | null;
  readonly folders: readonly Folder[];
  readonly presets: readonly Preset[];
  readonly query: string;
  /** null: nothing is searched for, or the answer is still to come. */
  readonly hits: readonly SearchHit[] | null;
  readonly undo: Undo | null;
  readonly storage: Storage | null;
}

export interface SessionsActions {
  libraryRead(list: SessionList): void;
  summaryChanged(session: SessionSummary): void;
  summaryGone(session: string): void;
  folderSaved(folder: Folder): void;
  folderRemoved(id: string): void;
  presetSaved(preset: Preset): void;
  presetRemoved(name: string): void;
  searched(query: string): void;
  found(query: string, hits: readonly SearchHit[]): void;
  deleted(undo: Undo): void;
  undoPassed(): void;
  storageChanged(storage: Storage): void;
}

export const emptyLibrary: SessionsState = {
  sessions: null,
  folders: [],
  presets: [],
  query: '',
  hits: null,
  undo: null,
  storage: null,
};

const byName = <T extends { readonly name: string }>(a: T, b: T) => a.name.localeCompare(b.name);

/** Latest first, as core lists them. */
function withSummary(sessions: readonly SessionSummary[], session: SessionSummary): SessionSummary[] {
  const rest = sessions.filter(({ id }) => id !== session.id);
  const at = rest.findIndex(({ updatedAt }) => updatedAt <= session.updatedAt);
  return at < 0 ? [...rest, session] : rest.toSpliced(at, 0, session);
}

type Step = Partial<SessionsState>;
type Set = (step: Step | ((state: SessionsState) => Step)) => void;

export function sessionsActions(set: Set): SessionsActions {
  return {
    libraryRead: ({ sessions, folders, presets }) => set({ sessions, folders, presets }),
    summaryChanged: (session) => set((state) => ({ sessions: withSummary(state.sessions ?? [], session) })),
    summaryGone: (gone) =>
      set((state) => ({ sessions: state.sessions?.filter(({ id }) => id !== gone) ?? null })),
    folderSaved: (folder) =>
      set((state) => ({
        folders: [...state.folders.filter(({ id }) => id !== folder.id), folder].sort(byName),
      })),
    folderRemoved: (gone) => set((state) => ({ folders: state.folders.filter(({ id }) => id !== gone) })),
    presetSaved: (preset) =>
      set((state) => ({
        presets: [...state.presets.filter(({ name }) => name !== preset.name), preset].sort(byName),
      })),
    presetRemoved: (gone) => set((state) => ({ presets: state.presets.filter(({ name }) => name !== gone) })),
    searched: (query) => set(query.trim() === '' ? { query, hits: null } : { query }),
    // An answer to what was typed before is late.
    found: (query, hits) => set((state) => (state.query === query ? { hits } : {})),
    deleted: (undo) => set({ undo }),
    undoPassed: () => set({ undo: null }),
    storageChanged: (storage) => set({ storage }),
  };
}
