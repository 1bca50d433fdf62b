/** `llamba models`: what is on this computer, fetched, brought in, checked and removed. */
import { AppError } from '../shared/errors.ts';
import { localCore, userData } from './local-core.ts';
import { modelCommands } from './models/subcommands.ts';
import { helpOf, jsonOption, type Option, parseOptions, usageOf } from './options.ts';
import type { Subcommand } from './sessions/subcommand.ts';

const subcommands: Record<string, Subcommand> = modelCommands;
const width = Math.max(...Object.keys(subcommands).map((name) => name.length));

const help = `usage: llamba models SUBCOMMAND ...

${Object.entries(subcommands)
  .map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`)
  .join('\n')}

llamba models SUBCOMMAND --help lists its words and options.
`;

export async function models([name = '', ...args]: string[]): Promise<void> {
  if (name === '--help') return void process.stdout.write(help);
  const found = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (!found) {
    throw new AppError('bad-request', `There is no subcommand "${name}".`, 'See llamba models --help.');
  }
  const options: Record<string, Option> = { ...found.options, ...jsonOption };
  if (args.includes('--help')) {
    const usage = ['models', name, usageOf(options), '[options]'].filter(Boolean).join(' ');
    return void process.stdout.write(helpOf(usage, `${found.about}.`, options));
  }
  const given = parseOptions(args, options);
  const json = given.json === true;
  const core = localCore('cli', { data: userData });
  try {
    const write = (text: string) => void (json || process.stdout.write(text));
    const { value, text } = await found.run({ core, rpc: core.connect(), write }, given);
    process.stdout.write(json ? `${JSON.stringify(value)}\n` : text);
  } finally {
    await core.close();
  }
}
