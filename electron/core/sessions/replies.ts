/** The calls that make a model write: which turn, after which, from which state. */
import { randomUUID } from 'node:crypto';
import { parted } from '../../shared/attachments.ts';
import type { ReplyItem, SamplingOptions } from '../../shared/contract.ts';
import { AppError, toErrorValue } from '../../shared/errors.ts';
import { unlessAborted } from '../aborting.ts';
import { copyTurns } from './copying.ts';
import type { Desk } from './desk.ts';
import { firstWords } from './first-words.ts';
import { type Found, findTurn } from './found.ts';
import { freeState } from './hot.ts';
import type { TurnRow } from './rows.ts';
import { childrenOf, pathTo } from './tree.ts';
import { writeReply } from './writing.ts';

export interface Caller {
  readonly emit: (item: ReplyItem) => void;
  readonly signal: AbortSignal;
  readonly sampling?: Partial<SamplingOptions> | undefined;
}

export function createReplies(desk: Desk) {
  const { models, underWay, titles, view, states, find, changed } = desk;

  /** Writes the turn that `prepare` puts into the store, in one transaction, and shows as the active branch's last. */
  async function write(
    found: Found,
    { emit, signal, sampling }: Caller,
    prepare: (turns: TurnRow[]) => { reply: string; told: number },
  ): Promise<void> {
    const { shelf, row } = found;
    const { store } = shelf;
    underWay.refuse(row.id);
    titles.cancel(row.id);
    const { reply, told } = store.transaction(() => {
      const prepared = prepare(store.turns(row.id));
      store.changeSession(row.id, { leaf: prepared.reply, updatedAt: Date.now() });
      return prepared;
    });
    const path = pathTo(store.turns(row.id), reply).slice(0, -1);
    try {
      await underWay.run(row.id, reply, signal, async (stopped) => {
        changed(row.id);
        const { turns } = view.opened(find(row.id));
        for (const turn of turns.slice(-told)) emit({ type: 'turn', turn });
        await writeReply(desk, {
          shelf,
          session: row.id,
          system: models.system(found),
          path,
          reply,
          ready: () => models.ready(found),
          sampling: (ready) => models.sampling(found, ready, sampling),
          emit,
          signal: stopped,
        });
      });
    } finally {
      desk.rates.idle();
      changed(row.id);
    }
    const after = store.session(row.id);
    if (after) titles.think({ shelf, row: after });
  }

  return {
    send: (found: Found, text: string, parent: string | null | undefined, caller: Caller) =>
      write(found, caller, (turns) => {
        const { store } = found.shelf;
        const { id: session, title, titledBy, leaf } = found.row;
        if (parent) findTurn(turns, parent);
        const after = parent === undefined ? leaf : parent;
        const user: TurnRow = { ...newTurn(session, after, 'user'), text };
        const reply = newTurn(session, user.id, 'assistant');
        store.addTurn(user);
        store.addTurn(reply);
        if (parent === undefined) store.changeSession(session, { draft: '' });
        if (title === '' && titledBy === 'nobody')
          store.changeSession(session, { title: firstWords(parted(text).text) });
        return { reply: reply.id, told: 2 };
      }),
    reply: (found: Found, turn: string, caller: Caller) =>
      write(found, caller, (turns) => {
        if (findTurn(turns, turn).role !== 'user') throw notAsked();
        const reply = newTurn(found.row.id, turn, 'assistant');
        found.shelf.store.addTurn(reply);
        return { reply: reply.id, told: 1 };
      }),
    goOn: (found: Found, turn: string, caller: Caller) =>
      write(found, caller, (turns) => {
        const cut = findTurn(turns, turn);
        if (cut.role !== 'assistant' || cut.status === 'whole') throw notCut();
        if (childrenOf(turns, turn).length === 0) return { reply: turn, told: 1 };
        const copies = copyTurns(found.shelf, [cut], found.row.id);
        return { reply: copies.get(turn) ?? turn, told: 1 };
      }),
    /** Brings the state at the end of the active branch; what is being written brings its own. */
    async prepare(
      found: Found,
      emit: (item: { done: number; total: number }) => void,
      signal: AbortSignal,
    ): Promise<void> {
      const { shelf, row } = found;
      if (row.leaf === null || underWay.turn(row.id)) return;
      try {
        const ready = await unlessAborted(signal, models.ready(found));
        const path = pathTo(shelf.store.turns(row.id), row.leaf);
        const place = { ready, shelf, session: row.id, system: models.system(found), path };
        const { state } = await states.stand(place, (done, total) => emit({ done, total }), signal);
        await freeState(ready, state);
      } catch (thrown) {
        if (!signal.aborted || toErrorValue(thrown).code !== 'cancelled') throw thrown;
      }
    },
  };
}

export type Replies = ReturnType<typeof createReplies>;

export const newTurn = (session: string, parent: string | null, role: TurnRow['role']): TurnRow => ({
  id: randomUUID(),
  session,
  parent,
  role,
  text: '',
  status: role === 'user' ? 'whole' : 'writing',
  edited: false,
  sampling: null,
  model: null,
  stats: null,
  error: null,
  createdAt: Date.now(),
  deletedAt: null,
});

const notAsked = () =>
  new AppError('bad-request', 'Only a message of yours can be replied to.', 'Choose the message before it.');
const notCut = () =>
  new AppError('bad-request', 'This reply came to its end.', 'Send a message, or let it be written again.');
