/** Subcommands that write turns: create, send, reply, continue, edit, prepare. */
import { readFileSync } from 'node:fs';
import type { Session } from '../../shared/contract.ts';
import { untilInterrupt } from '../interrupt.ts';
import { modelOption, samplingGiven, samplingOptions } from '../options.ts';
import { openSession, turnId } from './ids.ts';
import { readingWriter, replyWriter, sessionText } from './print.ts';
import { type Answer, type Here, maybeTurnWord, sessionWord, subcommand, turnWord } from './subcommand.ts';

const textWord = {
  text: { kind: 'rest', value: 'TEXT', help: 'what to say; - is standard input' },
} as const;
const writing = { ...modelOption, ...samplingOptions } as const;

const said = (text: string) => (text === '-' ? readFileSync(0, 'utf8') : text);

/** The session with the model that is to write in it loaded: the one given, else its own. */
async function ready({ core, rpc }: Here, given: { session: string; model: string | undefined }) {
  const session = await openSession(rpc, given.session);
  const { id } = await core.load(given.model ?? session.model);
  if (session.model === null || session.model === id) return session;
  return rpc.call('sessions.change', { session: session.id, change: { model: id } });
}

/** Its text was written as it came. */
const written = (value: Session): Answer => ({ value, text: '\n' });

const create = subcommand(
  'an empty session; gives its id',
  {
    system: { kind: 'text', value: 'T', help: "the system line, in place of the model's own" },
    preset: { kind: 'text', value: 'NAME', help: 'system line and sampling under a name' },
  },
  async ({ rpc }, { system, preset }) => {
    const params = { system: system ?? null, ...(preset !== undefined && { preset }) };
    const value = await rpc.call('sessions.create', params);
    return { value, text: `${value.id}\n` };
  },
);

const send = subcommand(
  'a turn at the end of the active branch, and its reply',
  { ...sessionWord, ...textWord, ...writing },
  async (here, given) => {
    const { id: session } = await ready(here, given);
    const params = { session, text: said(given.text), sampling: samplingGiven(given) };
    const on = replyWriter(here.write);
    return written(await here.rpc.stream('sessions.send', params, on, untilInterrupt()));
  },
);

const reply = subcommand(
  "one more reply to a user's turn",
  { ...sessionWord, ...maybeTurnWord, ...writing },
  async (here, given) => {
    const session = await ready(here, given);
    const turn = turnId(session, given.turn, ({ role }) => role === 'user');
    const params = { session: session.id, turn, sampling: samplingGiven(given) };
    const on = replyWriter(here.write);
    return written(await here.rpc.stream('turns.reply', params, on, untilInterrupt()));
  },
);

const goOn = subcommand(
  'goes on with a reply that was stopped',
  { ...sessionWord, ...maybeTurnWord, ...writing },
  async (here, given) => {
    const session = await ready(here, given);
    const turn = turnId(session, given.turn, ({ role }) => role === 'assistant');
    const params = { session: session.id, turn, sampling: samplingGiven(given) };
    const on = replyWriter(here.write);
    return written(await here.rpc.stream('turns.continue', params, on, untilInterrupt()));
  },
);

const edit = subcommand(
  "a branch: another text in a turn's place; a user's is answered",
  { ...sessionWord, ...turnWord, ...textWord, ...writing },
  async (here, given) => {
    const { rpc } = here;
    const session = await openSession(rpc, given.session);
    const turn = turnId(session, given.turn);
    const text = said(given.text);
    const selected = await rpc.call('turns.select', { session: session.id, turn });
    const old = selected.turns.find(({ id }) => id === turn);
    if (old?.role !== 'user') {
      const value = await rpc.call('turns.edit', { session: session.id, turn, text });
      return { value, text: sessionText(value) };
    }
    await ready(here, given);
    const params = { session: session.id, text, parent: old.parent, sampling: samplingGiven(given) };
    return written(await rpc.stream('sessions.send', params, replyWriter(here.write), untilInterrupt()));
  },
);

const prepare = subcommand(
  'reads what a reply would have to read first',
  { ...sessionWord, ...modelOption },
  async (here, given) => {
    const { id: session } = await ready(here, given);
    const value = await here.rpc.stream('sessions.prepare', { session }, readingWriter, untilInterrupt());
    return { value, text: 'Ready.\n' };
  },
);

export const write = { create, send, reply, continue: goOn, edit, prepare };
