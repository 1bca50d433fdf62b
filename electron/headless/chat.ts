/** `llamba chat`: a conversation in the terminal. Ctrl-C stops a reply; at the prompt it ends the chat. */
import { toErrorValue } from '../shared/errors.ts';
import { chatCommands, chatHelp } from './chat/commands.ts';
import { createConversation } from './chat/conversation.ts';
import { lines } from './chat/lines.ts';
import { localCore, userData } from './local-core.ts';
import { helpOf, modelOption, parseOptions, samplingGiven, samplingOptions } from './options.ts';
import { printError } from './print-error.ts';
import { openSession } from './sessions/ids.ts';

const options = {
  session: {
    kind: 'text',
    value: 'ID',
    help: 'goes on with a kept session; the beginning of its id is enough',
  },
  ephemeral: { kind: 'flag', help: 'kept nowhere: gone when the chat ends' },
  system: { kind: 'text', value: 'T', help: "the system line, in place of the model's own" },
  ...modelOption,
  ...samplingOptions,
} as const;

export const help = helpOf(
  'chat [options]',
  'A conversation, kept among the sessions. /help lists what can be typed.',
  options,
);

export async function chat(args: string[]): Promise<void> {
  const given = parseOptions(args, options);
  const core = localCore('cli', { data: given.ephemeral ? null : userData });
  try {
    const rpc = core.connect();
    const session = given.session === undefined ? null : await openSession(rpc, given.session);
    const loaded = await core.load(given.model ?? session?.model ?? null);
    const beginning = { system: given.system ?? null, ephemeral: given.ephemeral };
    const talk = await createConversation(rpc, session, beginning, samplingGiven(given));
    process.stdout.write(`${loaded.name}. /help lists what can be typed.\n`);

    for await (const line of lines(() => !talk.stop())) {
      const text = line.trim();
      if (text === '/quit') break;
      const [name = '', ...words] = text.slice(1).split(' ');
      try {
        if (text === '/help') process.stdout.write(chatHelp);
        else if (!text.startsWith('/')) await (text && talk.send(text));
        else if (Object.hasOwn(chatCommands, name))
          await chatCommands[name]?.run(talk, words.join(' ').trim());
        else process.stdout.write(`There is no ${text}. /help lists what there is.\n`);
      } catch (error) {
        printError(toErrorValue(error)); // the conversation goes on: the next message may work
      }
    }
  } finally {
    await core.close();
  }
}
