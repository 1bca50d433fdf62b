/** `llamba chat`: a conversation in the terminal. Ctrl-C stops a reply; at the prompt it ends the chat. */
import { createInterface } from 'node:readline';
import { toErrorValue } from '../shared/errors.ts';
import { localCore } from './local-core.ts';
import { helpOf, modelOption, parseOptions, samplingGiven, samplingOptions } from './options.ts';
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
  const sampling = samplingGiven(given);
  const core = localCore('cli');
  let reply: AbortController | null = null;
  try {
    const loaded = await core.load(given.model ?? null);
    const rpc = core.connect();
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

    const typed = lines(() => {
      if (!reply) return true;
      reply.abort();
      return false;
    });
    for await (const line of typed) {
      const text = line.trim();
      if (text === '/quit') break;
      if (text === '/help') process.stdout.write(commands);
      else if (text === '/new') {
        await rpc.call('sessions.close', { session });
        session = (await rpc.call('sessions.create', { system })).id;
      } else if (text === '/retry') await write(null);
      else if (text.startsWith('/'))
        process.stdout.write(`There is no ${text}. /help lists what there is.\n`);
      else if (text) await write(text);
    }
  } finally {
    await core.close();
  }
}

/** Typed or piped lines, each asked for with a prompt. `onInterrupt` says whether Ctrl-C ends them. */
async function* lines(onInterrupt: () => boolean): AsyncGenerator<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' });
  const interrupt = () => {
    if (onInterrupt()) terminal.close();
  };
  // A terminal in raw mode gives Ctrl-C to readline, any other input leaves it a signal.
  terminal.on('SIGINT', interrupt);
  process.on('SIGINT', interrupt);
  const iterator = terminal[Symbol.asyncIterator]();
  let ended = false;
  terminal.on('close', () => {
    ended = true;
  });
  try {
    for (;;) {
      if (!ended) terminal.prompt();
      const { value, done } = await iterator.next();
      if (done) return;
      yield value;
    }
  } finally {
    process.off('SIGINT', interrupt);
    terminal.close();
  }
}
