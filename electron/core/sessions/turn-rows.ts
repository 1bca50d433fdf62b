/** Rows of turns. */
import { AppError } from '../../shared/errors.ts';
import type { Store, TurnRow } from './rows.ts';
import { asIs, json, parsed, type Tables, updater } from './statements.ts';

type Raw = Omit<TurnRow, 'edited' | 'sampling' | 'stats' | 'error'> & {
  edited: number;
  sampling: string | null;
  stats: string | null;
  error: string | null;
};

const columns =
  'id, session, parent, role, status, edited, sampling, model, stats, error, createdAt, deletedAt, text';

const rowOf = (raw: Raw): TurnRow => ({
  ...raw,
  edited: raw.edited === 1,
  sampling: parsed(raw.sampling),
  stats: parsed(raw.stats),
  error: parsed(raw.error),
});

export function turnRows(
  tables: Tables,
): Pick<Store, 'addTurn' | 'turn' | 'turns' | 'writeTurn' | 'cutWriting'> {
  const { prepare } = tables;
  const add = prepare(`INSERT INTO turns (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const one = prepare<Raw>(`SELECT ${columns} FROM turns WHERE id = ?`);
  const list = prepare<Raw>(
    `WITH RECURSIVE hidden (id) AS (
       SELECT id FROM turns WHERE session = ?1 AND deletedAt IS NOT NULL
       UNION SELECT turns.id FROM hidden JOIN turns ON turns.parent = hidden.id
     )
     SELECT ${columns} FROM turns WHERE session = ?1 AND id NOT IN (SELECT id FROM hidden) ORDER BY n`,
  );
  const cut = prepare(`UPDATE turns SET status = 'cut' WHERE status = 'writing'`);
  const update = updater<Parameters<Store['writeTurn']>[1]>(tables, 'turns', {
    text: asIs,
    status: asIs,
    stats: json,
    error: json,
    deletedAt: asIs,
    sampling: json,
    model: asIs,
  });

  return {
    addTurn(row) {
      const { id, session, parent, role, status, edited, sampling, model, stats, error } = row;
      const { createdAt, deletedAt, text } = row;
      add.run(id, session, parent, role, status, Number(edited), json(sampling), model, json(stats), json(error),
        createdAt, deletedAt, text); // biome-ignore format: one line of columns each
    },
    turn(id) {
      const raw = one.get(id);
      return raw ? rowOf(raw) : null;
    },
    turns: (session) => list.all(session).map(rowOf),
    writeTurn(id, change) {
      if (!update(id, change)) {
        throw new AppError('turn-not-found', 'There is no such turn (any more).', 'Open the session again.');
      }
    },
    cutWriting: () => cut.run(),
  };
}
