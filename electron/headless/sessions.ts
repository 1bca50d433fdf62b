/** `llamba sessions`: every operation on kept sessions, as subcommands; answers as text, or with --json as one object. */
import { AppError } from '../shared/errors.ts';
import { localCore, userData } from './local-core.ts';
import { helpOf, jsonOption, type Option, parseOptions, usageOf } from './options.ts';
import { arrange } from './sessions/arrange.ts';
import { browse } from './sessions/browse.ts';
import { keep } from './sessions/keep.ts';
import { needKept } from './sessions/kept.ts';
import type { Subcommand } from './sessions/subcommand.ts';
import { write } from './sessions/write.ts';

const subcommands: Record<string, Subcommand> = { ...browse, ...write, ...arrange, ...keep };

const width = Math.max(...Object.keys(subcommands).map((name) => name.length));

const help = `usage: llamba sessions SUBCOMMAND ...

${Object.entries(subcommands)
  .map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`)
  .join('\n')}

llamba sessions SUBCOMMAND --help lists its words and options.
`;

export async function sessions([name = '', ...args]: string[]): Promise<void> {
  if (name === '--help') return void process.stdout.write(help);
  const found = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (!found)
    throw new AppError('bad-request', `There is no subcommand "${name}".`, 'See llamba sessions --help.');
  const options: Record<string, Option> = { ...found.options, ...jsonOption };
  if (args.includes('--help')) {
    const usage = ['sessions', name, usageOf(options), '[options]'].filter(Boolean).join(' ');
    return void process.stdout.write(helpOf(usage, `${found.about}.`, options));
  }
  const given = parseOptions(args, options);
  const json = given.json === true;
  const core = localCore('cli', { data: userData });
  try {
    const write = (text: string) => void (json || process.stdout.write(text));
    const rpc = core.connect();
    if (found !== keep.storage) await needKept(rpc);
    const { value, text } = await found.run({ core, rpc, write }, given);
    process.stdout.write(json ? `${JSON.stringify(value)}\n` : text);
  } finally {
    await core.close();
  }
}
