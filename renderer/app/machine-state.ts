/** What the app knows of the machine it runs on: connection, engine, model, measurements. */
import type { AppInfo, EngineStatus, LoadedModel, Metrics } from '../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../electron/shared/errors.ts';

export type Connection =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'open' }
  | { readonly phase: 'lost'; readonly error: AppErrorValue };

export type Theme = 'system' | 'light' | 'dark';

/** Three minutes at the four a second that core sends. */
export const historyLength = 720;

export interface MachineState {
  readonly connection: Connection;
  readonly info: AppInfo | null;
  readonly engine: EngineStatus;
  /** Kept while the engine restarts, so that its name does not vanish from the window. */
  readonly model: LoadedModel | null;
  /** The engine died; until it is back and the user has written again. */
  readonly died: boolean;
  /** Oldest first, at most `historyLength`. */
  readonly history: readonly Metrics[];
  readonly theme: Theme;
}

export interface MachineActions {
  connecting(): void;
  connected(): void;
  machineKnown(info: AppInfo): void;
  connectionLost(error: AppErrorValue): void;
  engineChanged(engine: EngineStatus): void;
  measured(metrics: Metrics): void;
  deathRead(): void;
  themeChosen(theme: Theme): void;
}

export const unknownMachine: MachineState = {
  connection: { phase: 'connecting' },
  info: null,
  engine: { phase: 'starting' },
  model: null,
  died: false,
  history: [],
  theme: 'system',
};

/** The state after the engine reported `engine`. */
export function engineStep(engine: EngineStatus): Partial<MachineState> {
  if (engine.phase === 'restarting') return { engine, died: true };
  if (engine.phase === 'failed') return { engine, died: false };
  if (engine.phase === 'ready') return { engine, model: engine.model };
  return { engine };
}

type Set = (step: Partial<MachineState> | ((state: MachineState) => Partial<MachineState>)) => void;

export function machineActions(set: Set): MachineActions {
  return {
    connecting: () => set({ connection: { phase: 'connecting' } }),
    connected: () => set({ connection: { phase: 'open' } }),
    machineKnown: (info) => set({ info }),
    connectionLost: (error) => set({ connection: { phase: 'lost', error } }),
    engineChanged: (engine) => set(engineStep(engine)),
    measured: (metrics) => set((state) => ({ history: [...state.history, metrics].slice(-historyLength) })),
    deathRead: () => set({ died: false }),
    themeChosen: (theme) => set({ theme }),
  };
}
