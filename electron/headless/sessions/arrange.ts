/** Subcommands that change what is there: branches, names, places, settings. */
import type { Contract, Session, SessionChange } from '../../shared/contract.ts';
import type { Client } from '../../shared/rpc.ts';
import { samplingGiven, samplingOptions } from '../options.ts';
import { openSession, sessionId, turnId } from './ids.ts';
import { sessionText, titleOf } from './print.ts';
import { type Answer, maybeTurnWord, sessionWord, subcommand, turnWord } from './subcommand.ts';

type Rpc = Client<Contract>;

const shown = (value: Session): Answer => ({ value, text: sessionText(value) });
const named = (value: Session): Answer => ({ value, text: `${value.id}  ${titleOf(value)}\n` });

async function change(rpc: Rpc, given: string, what: SessionChange): Promise<Answer> {
  const session = await sessionId(rpc, given);
  return named(await rpc.call('sessions.change', { session, change: what }));
}

const select = subcommand(
  'shows the branch through a turn',
  { ...sessionWord, ...turnWord },
  async ({ rpc }, given) => {
    const session = await openSession(rpc, given.session);
    return shown(await rpc.call('turns.select', { session: session.id, turn: turnId(session, given.turn) }));
  },
);

const fork = subcommand(
  'a new session of the turns up to one',
  { ...sessionWord, ...maybeTurnWord },
  async ({ rpc }, given) => {
    const session = await openSession(rpc, given.session);
    return named(await rpc.call('sessions.fork', { session: session.id, turn: turnId(session, given.turn) }));
  },
);

const duplicate = subcommand('the whole tree once more', sessionWord, async ({ rpc }, { session }) =>
  named(await rpc.call('sessions.duplicate', { session: await sessionId(rpc, session) })),
);

const rename = subcommand(
  'gives a session a title',
  { ...sessionWord, title: { kind: 'rest', value: 'TITLE', help: 'the title' } },
  ({ rpc }, { session, title }) => change(rpc, session, { title }),
);

const off = { off: { kind: 'flag', help: 'no longer' } } as const;

const pin = subcommand('keeps a session on top', { ...sessionWord, ...off }, ({ rpc }, given) =>
  change(rpc, given.session, { pinned: !given.off }),
);

const archive = subcommand('puts a session away', { ...sessionWord, ...off }, ({ rpc }, given) =>
  change(rpc, given.session, { archived: !given.off }),
);

const move = subcommand(
  'puts a session into a folder',
  {
    ...sessionWord,
    folder: { kind: 'word?', value: 'FOLDER', help: 'made when there is none; left out: none' },
  },
  async ({ rpc }, { session, folder }) => change(rpc, session, { folder: await folderId(rpc, folder) }),
);

async function folderId(rpc: Rpc, name: string | undefined): Promise<string | null> {
  if (name === undefined) return null;
  const { folders } = await rpc.call('sessions.list', {});
  const found = folders.find((folder) => folder.name === name);
  return (found ?? (await rpc.call('folders.save', { id: null, name }))).id;
}

const set = subcommand(
  'system line, preset, model and sampling of a session',
  {
    ...sessionWord,
    system: { kind: 'text', value: 'T', help: "the system line; '' is none" },
    preset: { kind: 'text', value: 'NAME', help: "a preset; '' is none" },
    model: { kind: 'text', value: 'M', help: "a model's id" },
    ...samplingOptions,
  },
  async ({ rpc }, given) => {
    const sampling = samplingGiven(given);
    return change(rpc, given.session, {
      ...(given.system !== undefined && { system: given.system || null }),
      ...(given.preset !== undefined && { preset: given.preset || null }),
      ...(given.model !== undefined && { model: given.model || null }),
      ...(Object.keys(sampling).length > 0 && { sampling }),
    });
  },
);

const remove = subcommand(
  'deletes a session, or a turn with all that hangs below; restore brings it back for an hour',
  { ...sessionWord, turn: { kind: 'word?', value: 'TURN', help: "a turn's id, or how that begins" } },
  async ({ rpc }, given) => {
    const id = await sessionId(rpc, given.session);
    if (given.turn === undefined) {
      const value = await rpc.call('sessions.delete', { session: id });
      return { value, text: `Deleted. For an hour: llamba sessions restore ${id}\n` };
    }
    const session = await rpc.call('sessions.get', { session: id });
    const turn = turnId(session, given.turn);
    const value = await rpc.call('turns.delete', { session: id, turn });
    return { value, text: `Deleted. For an hour: llamba sessions restore ${id} ${turn}\n` };
  },
);

const restore = subcommand(
  'takes a deletion back',
  {
    session: { kind: 'word', value: 'SESSION', help: 'its whole id' },
    turn: { kind: 'word?', value: 'TURN', help: 'its whole id' },
  },
  async ({ rpc }, { session: given, turn }) => {
    const session = await sessionId(rpc, given);
    if (turn === undefined) return named(await rpc.call('sessions.restore', { session }));
    return shown(await rpc.call('turns.restore', { session, turn }));
  },
);

export const arrange = { select, fork, duplicate, rename, pin, archive, move, set, delete: remove, restore };
