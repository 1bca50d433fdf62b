/** Rows of sessions. */
import { AppError } from '../../shared/errors.ts';
import type { SessionRow, Store } from './rows.ts';
import { asIs, parsed, type Tables, updater } from './statements.ts';

type Raw = Omit<SessionRow, 'pinned' | 'archived' | 'sampling'> & {
  pinned: number;
  archived: number;
  sampling: string;
};

const columns =
  'id, title, titledBy, folder, pinned, archived, model, system, sampling, preset, draft, leaf, createdAt, updatedAt, deletedAt';

const rowOf = (raw: Raw): SessionRow => ({
  ...raw,
  pinned: raw.pinned === 1,
  archived: raw.archived === 1,
  sampling: parsed<SessionRow['sampling']>(raw.sampling) ?? {},
});

type Calls = 'addSession' | 'session' | 'sessions' | 'changeSession' | 'removeSession' | 'purge';

export function sessionRows(tables: Tables): Pick<Store, Calls> {
  const { prepare, transaction } = tables;
  const add = prepare(
    `INSERT INTO sessions (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const one = prepare<Raw>(`SELECT ${columns} FROM sessions WHERE id = ?`);
  const list = prepare<Raw>(
    `SELECT ${columns} FROM sessions WHERE deletedAt IS NULL ORDER BY updatedAt DESC, n DESC`,
  );
  const remove = prepare('DELETE FROM sessions WHERE id = ?');
  const expired = prepare<{ id: string }>('SELECT id FROM sessions WHERE deletedAt < ?');
  const removeTurns = prepare(
    `WITH RECURSIVE gone (id) AS (
       SELECT id FROM turns WHERE deletedAt < ?
       UNION SELECT turns.id FROM gone JOIN turns ON turns.parent = gone.id
     )
     DELETE FROM turns WHERE id IN (SELECT id FROM gone)`,
  );
  const update = updater<Parameters<Store['changeSession']>[1]>(tables, 'sessions', {
    title: asIs,
    titledBy: asIs,
    folder: asIs,
    pinned: Number,
    archived: Number,
    system: asIs,
    sampling: JSON.stringify,
    preset: asIs,
    model: asIs,
    draft: asIs,
    leaf: asIs,
    updatedAt: asIs,
    deletedAt: asIs,
  });

  return {
    addSession(row) {
      const { id, title, titledBy, folder, pinned, archived, model, system, sampling, preset, draft } = row;
      const { leaf, createdAt, updatedAt, deletedAt } = row;
      const options = JSON.stringify(sampling);
      add.run(id, title, titledBy, folder, Number(pinned), Number(archived), model, system, options, preset, draft,
        leaf, createdAt, updatedAt, deletedAt); // biome-ignore format: one line of columns each
    },
    session(id, deleted = false) {
      const raw = one.get(id);
      return raw && (deleted || raw.deletedAt === null) ? rowOf(raw) : null;
    },
    sessions: () => list.all().map(rowOf),
    changeSession(id, change) {
      if (!update(id, change)) throw noSession();
    },
    removeSession: (id) => void remove.run(id),
    purge: (before) =>
      transaction(() => {
        const ids = expired.all(before).map(({ id }) => id);
        for (const id of ids) remove.run(id);
        removeTurns.run(before);
        return ids;
      }),
  };
}

const noSession = () =>
  new AppError(
    'session-not-found',
    'There is no such session (any more).',
    'Choose another, or begin a new one.',
  );
