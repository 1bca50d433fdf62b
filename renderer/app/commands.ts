/** What the interface can ask for. Components know these, never the port behind them. */
import { createContext, useContext } from 'react';
import type {
  Conversion,
  ExportFormat,
  LedgerEntry,
  ModelTask,
  Preset,
  Recognised,
  SessionChange,
} from '../../electron/shared/contract.ts';
import type { CompareCommands } from '../compare/compare-client.ts';
import type { DocumentsCommands } from '../documents/documents-client.ts';
import type { Page } from '../models/models-state.ts';
import type { Outcome } from './link.ts';
import type { Theme } from './machine-state.ts';

export interface Commands extends DocumentsCommands, CompareCommands {
  /**
   * A message to the session on the screen; `parent`: in place of the turn that hangs there, null for the first;
   * `documents`: of the library, to go with it.
   */
  send(text: string, more?: { parent?: string | null; documents?: readonly string[] }): void;
  stop(): void;
  /** One more reply to a user's turn. */
  reply(turn: string): void;
  continueTurn(turn: string): void;
  editReply(turn: string, text: string): void;
  selectTurn(turn: string): void;
  deleteTurn(turn: string): void;
  forkFrom(turn: string): void;

  newChat(ephemeral?: boolean): void;
  openSession(session: string, turn?: string | null): void;
  changeSession(session: string, change: SessionChange): void;
  duplicateSession(session: string): void;
  deleteSession(session: string): void;
  undo(): void;
  exportSession(session: string, format: ExportFormat): void;
  importFiles(files: readonly File[]): void;
  search(query: string): void;
  /** `id` null: a new one. Gives its id. */
  saveFolder(id: string | null, name: string): Promise<string | null>;
  removeFolder(id: string): void;
  savePreset(preset: Preset): void;
  removePreset(name: string): void;
  setBudget(bytes: number): void;

  showPage(page: Page): void;
  /** Again, after a failure. */
  readModels(): void;
  loadModel(id: string): void;
  downloadModel(model: string): void;
  /** The embedded model's. */
  addTwin(): void;
  verifyModel(id: string): void;
  /** Bytes that removing it would give back. */
  freedBy(id: string): Promise<Outcome<{ readonly freedBytes: number }>>;
  removeModel(id: string, name: string): void;
  pauseTask(task: string): void;
  resumeTask(task: string): void;
  /** What was fetched or written for it goes too. */
  cancelTask(task: string): void;
  chooseModel(): Promise<Outcome<{ readonly path: string } | null>>;
  recognise(path: string): Promise<Outcome<Recognised>>;
  importModel(path: string, conversion: Conversion | null): Promise<Outcome<ModelTask>>;
  setOffline(offline: boolean): void;
  setHub(address: string): Promise<Outcome<void>>;
  setToken(token: string | null): Promise<Outcome<void>>;
  /** A page of it, latest first; the entries before `before`. */
  readLedger(before: number | null): Promise<Outcome<readonly LedgerEntry[]>>;

  reconnect(): void;
  /** Loads the model again after the engine could not be kept running. */
  startEngine(): void;
  openLink(url: string): void;
  chooseTheme(theme: Theme): void;
}

export const CommandsContext = createContext<Commands | null>(null);

export function useCommands(): Commands {
  const commands = useContext(CommandsContext);
  if (!commands) throw new Error('useCommands is called outside of CommandsContext');
  return commands;
}
