/** Rows of points and of the checkpoints that stand at them. */
import type { CheckpointPlace, CheckpointRow, PointHead, PointRow, Store } from './rows.ts';
import type { Tables } from './statements.ts';

type RawPlace = Omit<CheckpointPlace, 'pinned' | 'branches' | 'distance'> & {
  pinned: number;
  branches: number;
  leaf: string | null;
};

type Calls =
  | 'putPoint'
  | 'point'
  | 'points'
  | 'models'
  | 'putCheckpoint'
  | 'checkpoints'
  | 'usedCheckpoint'
  | 'dropCheckpoint'
  | 'places'
  | 'dropFiles'
  | 'files'
  | 'usage';

const head = 'turn, points.model, "from", tokens, textLength, textHash';

export function stateRows({ prepare, transaction }: Tables): Pick<Store, Calls> {
  const putPoint = prepare(
    `INSERT INTO points (turn, model, "from", tokens, textLength, textHash, ids) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (turn, model) DO UPDATE SET "from" = excluded."from", tokens = excluded.tokens,
       textLength = excluded.textLength, textHash = excluded.textHash, ids = excluded.ids`,
  );
  const point = prepare<Omit<PointRow, 'ids'> & { ids: Uint8Array }>(
    `SELECT ${head}, ids FROM points WHERE turn = ? AND model = ?`,
  );
  const points = prepare<PointHead>(
    `SELECT ${head} FROM turns JOIN points ON points.turn = turns.id
     WHERE session = ? AND points.model = ? ORDER BY turns.n`,
  );
  const models = prepare<{ model: string }>(
    'SELECT DISTINCT points.model FROM turns JOIN points ON points.turn = turns.id WHERE session = ?',
  );
  const put = prepare(
    `INSERT INTO checkpoints (turn, model, file, bytes, usedAt) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (turn, model) DO UPDATE SET file = excluded.file, bytes = excluded.bytes, usedAt = excluded.usedAt`,
  );
  const list = prepare<CheckpointRow>(
    `SELECT turn, checkpoints.model, file, bytes, usedAt FROM turns JOIN checkpoints ON checkpoints.turn = turns.id
     WHERE session = ? AND checkpoints.model = ? ORDER BY turns.n`,
  );
  const used = prepare('UPDATE checkpoints SET usedAt = ? WHERE turn = ? AND model = ?');
  const drop = prepare('DELETE FROM checkpoints WHERE turn = ? AND model = ?');
  const dropFile = prepare('DELETE FROM checkpoints WHERE file = ?');
  const files = prepare<{ file: string }>('SELECT DISTINCT file FROM checkpoints');
  const usage = prepare<{ bytes: number; count: number }>(
    `SELECT coalesce(sum(bytes), 0) AS bytes, count(*) AS count
     FROM (SELECT max(bytes) AS bytes FROM checkpoints GROUP BY file)`,
  );
  // Of a deleted session nothing is on an active branch. CROSS: the few checkpoints first, then their turns.
  const places = prepare<RawPlace>(
    `SELECT turn, checkpoints.model, file, bytes, usedAt, session,
       iif(sessions.deletedAt IS NULL, leaf, NULL) AS leaf,
       sessions.deletedAt IS NULL AND pinned AS pinned,
       sessions.deletedAt IS NULL AND 1 <
         (SELECT count(*) FROM turns AS below WHERE below.parent = turns.id AND below.deletedAt IS NULL) AS branches
     FROM checkpoints
     CROSS JOIN turns ON turns.id = checkpoints.turn
     CROSS JOIN sessions ON sessions.id = turns.session
     ORDER BY turns.n, checkpoints.model`,
  );
  const parent = prepare<{ parent: string | null }>('SELECT parent FROM turns WHERE id = ?');

  /** Turns between each of `turns` and the leaf, as far as they are on its branch. */
  function distances(leaf: string | null, turns: ReadonlySet<string>): Map<string, number> {
    const found = new Map<string, number>();
    let distance = 0;
    for (let at = leaf; at !== null && found.size < turns.size; at = parent.get(at)?.parent ?? null) {
      if (turns.has(at)) found.set(at, distance);
      distance++;
    }
    return found;
  }

  function placed(rows: readonly RawPlace[]): CheckpointPlace[] {
    const turns = new Set(rows.map(({ turn }) => turn));
    const distance = distances(rows[0]?.leaf ?? null, turns);
    return rows.map(({ leaf: _, ...row }) => ({
      ...row,
      pinned: row.pinned === 1,
      branches: row.branches === 1,
      distance: distance.get(row.turn) ?? null,
    }));
  }

  return {
    putPoint({ turn, model, from, ids, tokens, textLength, textHash }) {
      const bytes = new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength);
      putPoint.run(turn, model, from, tokens, textLength, textHash, bytes);
    },
    point(turn, model) {
      const raw = point.get(turn, model);
      // Copied, for Int32Array wants its bytes at a multiple of four.
      return raw ? { ...raw, ids: new Int32Array(raw.ids.slice().buffer) } : null;
    },
    points: (session, model) => points.all(session, model).map((row) => ({ ...row })),
    models: (session) => models.all(session).map(({ model }) => model),
    putCheckpoint: ({ turn, model, file, bytes, usedAt }) => void put.run(turn, model, file, bytes, usedAt),
    checkpoints: (session, model) => list.all(session, model).map((row) => ({ ...row })),
    usedCheckpoint: (turn, model, at) => void used.run(at, turn, model),
    dropCheckpoint: (turn, model) => void drop.run(turn, model),
    places: () => [...Map.groupBy(places.all(), ({ session }) => session).values()].flatMap(placed),
    dropFiles: (dropped) =>
      transaction(() => {
        for (const file of dropped) dropFile.run(file);
      }),
    files: () => new Set(files.all().map(({ file }) => file)),
    usage: () => ({ bytes: 0, count: 0, ...usage.get() }),
  };
}
