/** A command of subcommands: the one that is named, its words parsed, its answer as text or with --json as one object. */
import { AppError } from '../shared/errors.ts';
import { localCore, userData } from './local-core.ts';
import { helpOf, jsonOption, type Option, parseOptions, usageOf } from './options.ts';
import type { Here, Subcommand } from './sessions/subcommand.ts';

/** `before` runs once core is there, and may refuse. */
export async function runSubcommand(
  command: string,
  subcommands: Record<string, Subcommand>,
  [name = '', ...args]: string[],
  before: (found: Subcommand, rpc: Here['rpc']) => Promise<void> = async () => {},
): Promise<void> {
  if (name === '--help') return void process.stdout.write(listOf(command, subcommands));
  const found = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (!found) {
    throw new AppError('bad-request', `There is no subcommand "${name}".`, `See llamba ${command} --help.`);
  }
  const options: Record<string, Option> = { ...found.options, ...jsonOption };
  if (args.includes('--help')) {
    const usage = [command, name, usageOf(options), '[options]'].filter(Boolean).join(' ');
    return void process.stdout.write(helpOf(usage, `${found.about}.`, options));
  }
  const given = parseOptions(args, options);
  const json = given.json === true;
  const core = localCore('cli', { data: userData });
  try {
    const write = (text: string) => void (json || process.stdout.write(text));
    const rpc = core.connect();
    await before(found, rpc);
    const { value, text } = await found.run({ core, rpc, write }, given);
    process.stdout.write(json ? `${JSON.stringify(value)}\n` : text);
  } finally {
    await core.close();
  }
}

function listOf(command: string, subcommands: Record<string, Subcommand>): string {
  const width = Math.max(...Object.keys(subcommands).map((name) => name.length));
  const lines = Object.entries(subcommands).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`);
  return `usage: llamba ${command} SUBCOMMAND ...

${lines.join('\n')}

llamba ${command} SUBCOMMAND --help lists its words and options.
`;
}
