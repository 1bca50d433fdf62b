/** `llamba models`: what is on this computer, fetched, brought in, checked and removed. */
import { modelCommands } from './models/subcommands.ts';
import { runSubcommand } from './run-subcommand.ts';

export const models = (args: string[]): Promise<void> => runSubcommand('models', modelCommands, args);
