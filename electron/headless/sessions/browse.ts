/** Subcommands that look: list, show, search. */
import { openSession } from './ids.ts';
import { hitsText, listText, sessionText } from './print.ts';
import { sessionWord, subcommand } from './subcommand.ts';

const list = subcommand(
  'all sessions, latest first',
  { archived: { kind: 'flag', help: 'those that were archived' } },
  async ({ rpc }, { archived }) => {
    const value = await rpc.call('sessions.list', {});
    return { value, text: listText(value, archived) };
  },
);

const show = subcommand(
  'a session and the turns of its active branch',
  sessionWord,
  async ({ rpc }, given) => {
    const value = await openSession(rpc, given.session);
    return { value, text: sessionText(value) };
  },
);

const search = subcommand(
  'looks in titles and texts',
  {
    query: { kind: 'rest', value: 'WORDS', help: 'what to look for; the last word may be a beginning' },
    limit: { kind: 'integer', value: 'N', help: 'at most so many' },
  },
  async ({ rpc }, { query, limit }) => {
    const value = await rpc.call('sessions.search', { query, ...(limit !== undefined && { limit }) });
    const mark = (text: string) => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text);
    return { value, text: hitsText(value, mark) };
  },
);

export const browse = { list, show, search };
