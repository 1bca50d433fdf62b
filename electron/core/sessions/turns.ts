/** The calls on single turns that make no model write. */
import type { Contract } from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import type { Handlers } from '../../shared/rpc.ts';
import type { Desk } from './desk.ts';
import { findTurn, noTurn } from './found.ts';
import { newTurn } from './replies.ts';
import { childrenOf, lastWritten, subtreeOf } from './tree.ts';

type Calls = Pick<Handlers<Contract>, 'turns.select' | 'turns.edit' | 'turns.delete' | 'turns.restore'>;

export function turnCalls({ find, view, underWay, hot, changed }: Desk): Calls {
  const opened = (session: string) => view.opened(find(session));

  return {
    'turns.select': async ({ session, turn }) => {
      const { store } = find(session).shelf;
      const turns = store.turns(session);
      const leaf = lastWritten(turns, findTurn(turns, turn).id)?.id ?? turn;
      store.changeSession(session, { leaf });
      return opened(session);
    },
    'turns.edit': async ({ session, turn, text }) => {
      const { store } = find(session).shelf;
      const { parent, role } = findTurn(store.turns(session), turn);
      if (role !== 'assistant') throw sendInstead();
      const edited = { ...newTurn(session, parent, role), text, status: 'whole', edited: true } as const;
      store.transaction(() => {
        store.addTurn(edited);
        store.changeSession(session, { leaf: edited.id, updatedAt: Date.now() });
      });
      changed(session);
      return opened(session);
    },
    'turns.delete': async ({ session, turn }) => {
      const { store } = find(session).shelf;
      const before = store.turns(session);
      const gone = subtreeOf(before, findTurn(before, turn).id);
      const ids = gone.map(({ id }) => id);
      if (ids.includes(underWay.turn(session) ?? '')) await underWay.stop(session);
      store.transaction(() => {
        const { leaf } = find(session).row;
        store.writeTurn(turn, { deletedAt: Date.now() });
        if (!leaf || !ids.includes(leaf)) return;
        const turns = store.turns(session);
        const parent = gone[0]?.parent ?? null;
        const beside = childrenOf(turns, parent).at(-1);
        store.changeSession(session, { leaf: beside ? (lastWritten(turns, beside.id)?.id ?? null) : parent });
      });
      await hot.forget(ids);
      changed(session);
      return opened(session);
    },
    'turns.restore': async ({ session, turn }) => {
      const { store } = find(session).shelf;
      if (store.turn(turn)?.session !== session) throw noTurn();
      store.transaction(() => {
        store.writeTurn(turn, { deletedAt: null });
        const turns = store.turns(session);
        store.changeSession(session, { leaf: lastWritten(turns, findTurn(turns, turn).id)?.id ?? turn });
      });
      changed(session);
      return opened(session);
    },
  };
}

const sendInstead = () =>
  new AppError(
    'bad-request',
    'To edit a message of yours is to send another in its place.',
    'Send it with the same parent.',
  );
