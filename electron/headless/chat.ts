/** `llamba chat`: a conversation in the terminal. Ctrl-C stops a reply; at the prompt it ends the chat. */
import { createInterface } from 'node:readline/promises';
import { toErrorValue } from '../shared/errors.ts';
import { localCore } from './local-core.ts';
import { helpOf, modelOption, parseOptions, samplingOf, samplingOptions } from './options.ts';
import { printError } from './print-error.ts';

const options = {
  system: { kind: 'text', value: 'T', help: "the system line, in place of the model's own" },
  ...modelOption,
  ...samplingOptions,
} as const;

export const help = helpOf('chat [options]', 'A conversation. /help lists what can be typed.', options);

const commands = `/retry  the last reply once more
/new    begin anew
/help   this list
/quit   end (so does Ctrl-D)
Ctrl-C stops a reply.
`;

export async function chat(args: string[]): Promise<void> {
  const given = parseOptions(args, options);
  const core = localCore('cli');
  const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' });
  let reply: AbortController | null = null;
  terminal.on('SIGINT', () => (reply ? reply.abort() : terminal.close()));
  try {
    const loaded = await core.load(given.model ?? null);
    const rpc = core.connect();
    const sampling = samplingOf(given, loaded.sampling);
    const system = given.system ?? null;
    let session = (await rpc.call('sessions.create', { system })).id;
    process.stdout.write(`${loaded.name}. /help lists what can be typed.\n`);

    const write = async (text: string | null) => {
      reply = new AbortController();
      const onItem = (item: { type: string; text?: string }) => {
        if (item.type === 'text') process.stdout.write(item.text ?? '');
      };
      try {
        if (text === null) await rpc.stream('sessions.retry', { session, sampling }, onItem, reply.signal);
        else await rpc.stream('sessions.send', { session, text, sampling }, onItem, reply.signal);
        process.stdout.write('\n');
      } catch (error) {
        printError(toErrorValue(error)); // the conversation goes on: the next message may work
      } finally {
        reply = null;
      }
    };

    terminal.prompt();
    for await (const line of terminal) {
      const text = line.trim();
      if (text === '/quit') break;
      if (text === '/help') process.stdout.write(commands);
      else if (text === '/new') session = (await rpc.call('sessions.create', { system })).id;
      else if (text === '/retry') await write(null);
      else if (text.startsWith('/'))
        process.stdout.write(`There is no ${text}. /help lists what there is.\n`);
      else if (text) await write(text);
      terminal.prompt();
    }
  } finally {
    terminal.close();
    await core.close();
  }
}
