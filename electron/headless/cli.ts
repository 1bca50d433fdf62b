/** The `llamba` command line: one file a command; a failure is one sentence with a hint, and a non-zero exit. */
import { AppError, toErrorValue } from '../shared/errors.ts';
import { printError } from './print-error.ts';

interface Command {
  /** null: it has its own, for each of its subcommands. */
  readonly help: string | null;
  readonly run: (args: string[]) => Promise<void>;
}

/** Imported when asked for: the start of one command does not wait for the code of another. */
const commands: Record<string, () => Promise<Command>> = {
  run: async () => import('./run.ts'),
  chat: () => import('./chat.ts').then(({ help, chat }) => ({ help, run: chat })),
  sessions: () => import('./sessions.ts').then(({ sessions }) => ({ help: null, run: sessions })),
  read: () => import('./read.ts').then(({ help, read }) => ({ help, run: read })),
  summarize: () => import('./summarize.ts').then(({ help, summarize }) => ({ help, run: summarize })),
  ask: () => import('./ask.ts').then(({ help, ask }) => ({ help, run: ask })),
  documents: () => import('./documents.ts').then(({ documents }) => ({ help: null, run: documents })),
  probe: () => import('./probe.ts').then(({ help, probe }) => ({ help, run: probe })),
  score: () => import('./score.ts').then(({ help, score }) => ({ help, run: score })),
  models: () => import('./models.ts').then(({ models }) => ({ help: null, run: models })),
  convert: () => import('./convert.ts').then(({ help, convert }) => ({ help, run: convert })),
  network: () => import('./network.ts').then(({ help, network }) => ({ help, run: network })),
  bench: () => import('./bench.ts').then(({ help, bench }) => ({ help, run: bench })),
  info: () => import('./info.ts').then(({ help, info }) => ({ help, run: info })),
  serve: () => import('./serve.ts').then(({ help, serve }) => ({ help, run: serve })),
};

const usage = `usage: llamba COMMAND [options]

  run        one prompt, one reply
  chat       a conversation
  sessions   the conversations that are kept
  read       a document, once, whatever its length
  summarize  a document, whole, with the pages of each sentence
  ask        a document, or all that were read
  documents  the documents that were read
  probe      how well the model remembers what it reads, and how far it can read
  score      how probable a text is to the model
  models     fetch, bring in, check and remove models
  convert    make a published model small
  network    every request that the app made, and a switch against them
  bench      how fast models are on this machine
  info       the machine and the model in numbers
  serve      the app for a browser on this computer

llamba COMMAND --help lists its options.
`;

async function main([name, ...args]: string[]): Promise<void> {
  if (name === undefined || name === '--help' || name === 'help') return void process.stdout.write(usage);
  const command = Object.hasOwn(commands, name) ? await commands[name]?.() : undefined;
  if (!command) {
    throw new AppError('bad-request', `There is no command "${name}".`, 'llamba --help lists the commands.');
  }
  if (command.help !== null && args.includes('--help')) return void process.stdout.write(command.help);
  await command.run(args);
}

// A reader that went away (llamba ... | head) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await main(process.argv.slice(2));
} catch (error) {
  printError(toErrorValue(error));
  process.exitCode = 1;
}
