/** The calls on whole sessions. */
import { randomUUID } from 'node:crypto';
import type { Contract, Session } from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import type { Handlers } from '../../shared/rpc.ts';
import { copyTurns } from './copying.ts';
import type { Desk } from './desk.ts';
import { type Found, findTurn } from './found.ts';
import type { SessionRow, TurnRow } from './rows.ts';
import type { Shelf } from './shelf.ts';
import { pathTo } from './tree.ts';

type Calls = Pick<
  Handlers<Contract>,
  | 'sessions.list'
  | 'sessions.create'
  | 'sessions.get'
  | 'sessions.change'
  | 'sessions.delete'
  | 'sessions.restore'
  | 'sessions.duplicate'
  | 'sessions.fork'
  | 'sessions.search'
>;

const hits = 50;

export function sessionCalls(desk: Desk): Calls {
  const { storage, underWay, titles, view, hot, keeping, models, find, changed } = desk;
  const shelves = (): Shelf[] => [storage.memory, ...(storage.disk ? [storage.disk] : [])];
  const opened = (session: string) => view.opened(find(session));

  /** A new session of some turns of another, opened where that stands at `leaf`. */
  async function copy({ shelf, row }: Found, turns: TurnRow[], leaf: string | null): Promise<Session> {
    await keeping.settled(); // checkpoints on their way are shared, too
    const { store } = shelf;
    const id = randomUUID();
    const copies = store.transaction(() => {
      store.addSession({ ...row, ...begun(id), pinned: false, archived: false });
      const made = copyTurns(shelf, turns, id);
      store.changeSession(id, { leaf: made.get(leaf ?? '') ?? null });
      return made;
    });
    const ready = models.now({ shelf, row });
    for (const turn of ready ? pathTo(turns, leaf).slice(-2) : []) {
      const point = ready && store.point(turn.id, ready.fingerprint);
      if (point) await hot.share(ready, point, copies.get(turn.id) as string);
    }
    changed(id);
    return opened(id);
  }

  return {
    'sessions.list': async () => ({
      sessions: shelves()
        .flatMap((shelf) => shelf.store.sessions().map((row) => view.summary({ shelf, row })))
        .sort((a, b) => b.updatedAt - a.updatedAt),
      folders: storage.library.folders(),
      presets: storage.library.presets(),
      draft: storage.library.setting('draft') ?? '',
    }),
    'sessions.create': async ({ system, ephemeral = false, folder = null, preset = null }) => {
      const { store } = ephemeral ? storage.memory : storage.main();
      if (ephemeral && folder !== null) throw inNoFolder();
      const id = randomUUID();
      store.addSession({ ...newSession, ...begun(id), system, folder, preset });
      changed(id);
      return opened(id);
    },
    'sessions.get': async ({ session }) => opened(session),
    'sessions.change': async ({ session, change }) => {
      const { shelf } = find(session);
      if (shelf.states === null && storage.disk && change.folder) throw inNoFolder();
      const { title } = change;
      // A title that was taken away makes room for the model's.
      const titledBy = title === undefined ? {} : ({ titledBy: title === '' ? 'nobody' : 'user' } as const);
      shelf.store.changeSession(session, { ...change, ...titledBy });
      if (Object.keys(change).some((key) => key !== 'draft')) changed(session);
      return opened(session);
    },
    'sessions.delete': async ({ session }) => {
      titles.cancel(session);
      await underWay.stop(session);
      const { shelf } = find(session);
      const turns = shelf.store.turns(session);
      if (shelf.states === null) shelf.store.removeSession(session);
      else shelf.store.changeSession(session, { deletedAt: Date.now() });
      desk.gone(session);
      await hot.forget(turns.map(({ id }) => id));
      return {};
    },
    'sessions.restore': async ({ session }) => {
      find(session, true).shelf.store.changeSession(session, { deletedAt: null });
      changed(session);
      return opened(session);
    },
    'sessions.duplicate': async ({ session }) => {
      const found = find(session);
      return copy(found, found.shelf.store.turns(session), found.row.leaf);
    },
    'sessions.fork': async ({ session, turn }) => {
      const found = find(session);
      const turns = found.shelf.store.turns(session);
      return copy(found, pathTo(turns, findTurn(turns, turn).id), turn);
    },
    'sessions.search': async ({ query, limit = hits }) =>
      shelves()
        .flatMap(({ store }) => store.search(query, limit))
        .slice(0, limit),
  };
}

const begun = (id: string) => {
  const now = Date.now();
  return { id, leaf: null, draft: '', createdAt: now, updatedAt: now };
};

const newSession: Omit<SessionRow, 'id' | 'leaf' | 'draft' | 'createdAt' | 'updatedAt'> = {
  title: '',
  titledBy: 'nobody',
  folder: null,
  pinned: false,
  archived: false,
  model: null,
  system: null,
  sampling: {},
  preset: null,
  deletedAt: null,
};

const inNoFolder = () =>
  new AppError('bad-request', 'An ephemeral session is in no folder.', 'Leave it where it is.');
