/** What can be typed in a chat beside messages. */
import type { Session } from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import { shortId, turnId } from '../sessions/ids.ts';
import { titleOf } from '../sessions/print.ts';
import type { Conversation } from './conversation.ts';

interface ChatCommand {
  readonly words: string;
  readonly about: string;
  /** `words`: the rest of the line. */
  run(talk: Conversation, words: string): Promise<void>;
}

const say = (text: string) => void process.stdout.write(`${text}\n`);

export const chatCommands: Record<string, ChatCommand> = {
  retry: { words: '', about: 'one more reply to the last message', run: (talk) => talk.retry() },
  continue: { words: '', about: 'go on with a reply that was stopped', run: (talk) => talk.goOn() },
  edit: {
    words: 'TEXT',
    about: 'the last message in other words: a branch',
    async run(talk, text) {
      if (!text) throw missing('/edit TEXT');
      const { turns } = talk.session();
      const last = turns.find(({ id }) => id === turnId(talk.session(), undefined, isUser));
      await talk.send(text, last?.parent ?? null);
    },
  },
  branches: {
    words: '',
    about: 'where the conversation forks',
    async run(talk) {
      say(branchesText(talk.session()) || 'There is one branch only.');
    },
  },
  branch: {
    words: 'TURN',
    about: 'go to the branch through a turn that /branches shows',
    async run(talk, given) {
      if (!given) throw missing('/branch TURN');
      const { id } = talk.session();
      const turn = turnId(talk.session(), given);
      const session = await talk.rpc.call('turns.select', { session: id, turn });
      await talk.enter(session);
      say(
        session.turns
          .slice(-2)
          .map(({ text }) => text)
          .join('\n\n'),
      );
    },
  },
  fork: {
    words: '',
    about: 'go on in a new session, from here',
    async run(talk) {
      const { id } = talk.session();
      const turn = turnId(talk.session(), undefined);
      const session = await talk.rpc.call('sessions.fork', { session: id, turn });
      await talk.enter(session);
      say(`In ${shortId(session.id)} now.`);
    },
  },
  title: {
    words: '[TITLE]',
    about: 'show the title, or give another',
    async run(talk, title) {
      const { id } = talk.session();
      const session = title
        ? await talk.rpc.call('sessions.change', { session: id, change: { title } })
        : await talk.rpc.call('sessions.get', { session: id });
      say(`${titleOf(session)}  (${shortId(id)})`);
    },
  },
  new: { words: '', about: 'begin anew; the conversation so far stays', run: (talk) => talk.enter(null) },
};

const isUser = ({ role }: { role: string }) => role === 'user';

/** Each turn of the active branch that has siblings, with their ids; the one that is shown is marked. */
function branchesText({ turns }: Session): string {
  const forks = turns.filter(({ siblings }) => siblings.length > 1);
  return forks
    .map(({ id, siblings, text }) => {
      const ids = siblings.map((each) => (each === id ? `[${shortId(each)}]` : shortId(each)));
      return `${ids.join(' ')}  ${text.replaceAll(/\s+/g, ' ').slice(0, 60)}`;
    })
    .join('\n');
}

const missing = (usage: string) => new AppError('bad-request', 'There is a word missing.', `Type ${usage}`);

const rows: [string, string][] = [
  ...Object.entries(chatCommands).map(([name, { words, about }]): [string, string] => [
    `/${name} ${words}`.trim(),
    about,
  ]),
  ['/help', 'this list'],
  ['/quit', 'end (so does Ctrl-D)'],
];

export const chatHelp = `${rows.map(([name, about]) => `${name.padEnd(15)} ${about}`).join('\n')}
Ctrl-C stops a reply.
`;
