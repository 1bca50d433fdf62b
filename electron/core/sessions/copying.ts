/** Turns once more: their rows, points and checkpoints. The files of states are shared, not copied. */
import { randomUUID } from 'node:crypto';
import type { TurnRow } from './rows.ts';
import type { Shelf } from './shelf.ts';

/**
 * `turns`: of one session, parents before children; what a turn hangs below and is not among them stays the copy's parent
 * too. Gives the copy's id of each. To be called in a transaction.
 */
export function copyTurns(
  { store }: Shelf,
  turns: readonly TurnRow[],
  session: string,
): ReadonlyMap<string, string> {
  const copies = new Map(turns.map(({ id }) => [id, randomUUID() as string]));
  const copyOf = (id: string) => copies.get(id) ?? id;
  for (const turn of turns) {
    const { id, parent, status } = turn;
    store.addTurn({
      ...turn,
      id: copyOf(id),
      session,
      parent: parent === null ? null : copyOf(parent),
      status: status === 'writing' ? 'cut' : status,
    });
  }
  const [from] = turns;
  for (const model of from ? store.models(from.session) : []) {
    for (const { turn } of store.points(from?.session ?? '', model)) {
      const point = copies.has(turn) ? store.point(turn, model) : null;
      if (!point) continue;
      store.putPoint({ ...point, turn: copyOf(turn), from: point.from === null ? null : copyOf(point.from) });
    }
    for (const checkpoint of store.checkpoints(from?.session ?? '', model)) {
      if (copies.has(checkpoint.turn)) store.putCheckpoint({ ...checkpoint, turn: copyOf(checkpoint.turn) });
    }
  }
  return copies;
}
