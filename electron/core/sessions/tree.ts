/**
 * The turns of a session as a tree. Pure. `turns` are all of a session as the store gives them: oldest first, so that
 * every turn comes after its parent.
 */
import type { TurnRow } from './rows.ts';

type Node = Pick<TurnRow, 'id' | 'parent'>;

/** From the first turn to `leaf`; empty when there is no such turn. */
export function pathTo<T extends Node>(turns: readonly T[], leaf: string | null): T[] {
  const byId = new Map(turns.map((turn) => [turn.id, turn]));
  const path: T[] = [];
  for (let turn = at(byId, leaf); turn; turn = at(byId, turn.parent)) path.push(turn);
  return path.reverse();
}

const at = <T>(byId: ReadonlyMap<string, T>, id: string | null): T | undefined =>
  id === null ? undefined : byId.get(id);

/** The turns with the same parent, `id` among them, oldest first. */
export function siblingsOf<T extends Node>(turns: readonly T[], id: string): T[] {
  const turn = turns.find((candidate) => candidate.id === id);
  return turn ? childrenOf(turns, turn.parent) : [];
}

/** `parent` null: the turns that begin the session. */
export const childrenOf = <T extends Node>(turns: readonly T[], parent: string | null): T[] =>
  turns.filter((turn) => turn.parent === parent);

/** `id` and all that hangs below it, oldest first. */
export function subtreeOf<T extends Node>(turns: readonly T[], id: string): T[] {
  const inside = new Set<string>();
  return turns.filter((turn) => {
    if (turn.id !== id && (turn.parent === null || !inside.has(turn.parent))) return false;
    inside.add(turn.id);
    return true;
  });
}

/**
 * Where the branch through `id` was last written: the youngest turn at or below it, which nothing hangs below. null:
 * there is no such turn.
 */
export const lastWritten = <T extends Node>(turns: readonly T[], id: string): T | null =>
  subtreeOf(turns, id).at(-1) ?? null;
