/** `llamba sessions`: every operation on kept sessions, as subcommands. */
import { runSubcommand } from './run-subcommand.ts';
import { arrange } from './sessions/arrange.ts';
import { browse } from './sessions/browse.ts';
import { keep } from './sessions/keep.ts';
import { needKept } from './sessions/kept.ts';
import type { Subcommand } from './sessions/subcommand.ts';
import { write } from './sessions/write.ts';

const subcommands: Record<string, Subcommand> = { ...browse, ...write, ...arrange, ...keep };

export const sessions = (args: string[]): Promise<void> =>
  runSubcommand('sessions', subcommands, args, async (found, rpc) => {
    if (found !== keep.storage) await needKept(rpc);
  });
