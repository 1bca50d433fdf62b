/** What the interface can ask for. Components know these, never the port behind them. */
import { createContext, useContext } from 'react';
import type { Theme } from './machine-state.ts';

export interface Commands {
  /** Sends the draft. */
  send(text: string): void;
  stop(): void;
  retry(): void;
  newChat(): void;
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
