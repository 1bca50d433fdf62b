/** Models and the network as the Models page shows them, and the steps that change them. */
import type { CatalogueCard, ModelEntry, ModelTask, NetworkState } from '../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../electron/shared/errors.ts';

export type Page = 'chat' | 'documents' | 'compare' | 'models';

export interface ModelsState {
  readonly page: Page;
  /** null until core has told. */
  readonly cards: readonly CatalogueCard[] | null;
  /** Why the cards are not there, or not as they are now. */
  readonly cardsError: AppErrorValue | null;
  /** On this disk: from the catalogue and imported. */
  readonly entries: readonly ModelEntry[];
  readonly tasks: readonly ModelTask[];
  /** null until core has told. */
  readonly network: NetworkState | null;
  /** What was just removed, in words. */
  readonly removed: string | null;
}

export interface ModelsActions {
  pageShown(page: Page): void;
  cardsRead(cards: readonly CatalogueCard[]): void;
  cardsFailed(error: AppErrorValue): void;
  entriesRead(entries: readonly ModelEntry[]): void;
  tasksRead(tasks: readonly ModelTask[]): void;
  taskChanged(task: ModelTask): void;
  networkChanged(network: NetworkState): void;
  modelRemoved(words: string): void;
  removalRead(): void;
}

export const noModels: ModelsState = {
  page: 'chat',
  cards: null,
  cardsError: null,
  entries: [],
  tasks: [],
  network: null,
  removed: null,
};

/** A cancelled task is told of once more, as failed, and is then gone. */
export const cancelled = ({ phase, error }: ModelTask) => phase === 'failed' && error?.code === 'cancelled';

export const underWay = ({ phase }: ModelTask) =>
  phase === 'waiting' || phase === 'running' || phase === 'verifying' || phase === 'converting';

type Step = Partial<ModelsState>;
type Set = (step: Step | ((state: ModelsState) => Step)) => void;

export function modelsActions(set: Set): ModelsActions {
  return {
    pageShown: (page) => set({ page }),
    cardsRead: (cards) => set({ cards, cardsError: null }),
    cardsFailed: (cardsError) => set({ cardsError }),
    entriesRead: (entries) => set({ entries }),
    tasksRead: (tasks) => set({ tasks }),
    taskChanged: (task) =>
      set(({ tasks }) => {
        if (cancelled(task)) return { tasks: tasks.filter(({ id }) => id !== task.id) };
        const known = tasks.some(({ id }) => id === task.id);
        return { tasks: known ? tasks.map((one) => (one.id === task.id ? task : one)) : [...tasks, task] };
      }),
    networkChanged: (network) => set({ network }),
    modelRemoved: (removed) => set({ removed }),
    removalRead: () => set({ removed: null }),
  };
}
