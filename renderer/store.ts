/** The one store: what the window shows, and the steps that change it. It never touches IPC; app/client.ts feeds it. */
import { createContext, useContext } from 'react';
import { useStore as useVanilla } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';
import {
  type MachineActions,
  type MachineState,
  machineActions,
  unknownMachine,
} from './app/machine-state.ts';
import { type ChatActions, type ChatState, chatActions, emptyChat, replyOf } from './chat/chat-state.ts';
import {
  type CompareActions,
  type CompareState,
  compareActions,
  comparesNow,
  noComparisons,
} from './compare/compare-state.ts';
import {
  type DocumentsActions,
  type DocumentsState,
  documentsActions,
  noDocuments,
} from './documents/documents-state.ts';
import { type ModelsActions, type ModelsState, modelsActions, noModels } from './models/models-state.ts';
import {
  emptyLibrary,
  type SessionsActions,
  type SessionsState,
  sessionsActions,
} from './sessions/sessions-state.ts';

export type State = ChatState & SessionsState & DocumentsState & CompareState & ModelsState & MachineState;
export type Actions = ChatActions &
  SessionsActions &
  DocumentsActions &
  CompareActions &
  ModelsActions &
  MachineActions;
export type Store = StoreApi<State & Actions>;

export function createAppStore(initial: Partial<State> = {}): Store {
  return createStore<State & Actions>()((set) => ({
    ...emptyChat,
    ...emptyLibrary,
    ...noDocuments,
    ...noComparisons,
    ...noModels,
    ...unknownMachine,
    ...initial,
    ...chatActions(set),
    ...sessionsActions(set),
    ...documentsActions(set),
    ...compareActions(set),
    ...modelsActions(set),
    ...machineActions(set),
  }));
}

export const StoreContext = createContext<Store | null>(null);

export function useStore<T>(select: (state: State & Actions) => T): T {
  const store = useContext(StoreContext);
  if (!store) throw new Error('useStore is called outside of StoreContext');
  return useVanilla(store, select);
}

/** Why nothing can be written now, in words for the user; null when it can. */
export const blocked = (state: State): string | null =>
  state.connection.phase === 'open' && replyOf(state) ? 'A reply is being written.' : unready(state);

/** Why the model can be asked nothing at all now; null when it can. */
export function unready(state: State): string | null {
  if (state.connection.phase === 'lost') return 'Not connected to Llamba.';
  if (state.connection.phase === 'connecting') return 'Connecting to Llamba.';
  if (comparesNow(state)) return 'Two models are being compared: the engine does nothing else meanwhile.';
  switch (state.engine.phase) {
    case 'ready':
      return null;
    case 'restarting':
      return 'The engine is being started again.';
    case 'failed':
      return 'The engine is not running.';
    case 'idle':
      return 'No model is loaded.';
    default:
      return 'The model is being loaded.';
  }
}
