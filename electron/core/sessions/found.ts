/** Sessions and turns by id: where they are, or the error that they are not. */
import { AppError } from '../../shared/errors.ts';
import type { SessionRow, TurnRow } from './rows.ts';
import type { Shelf } from './shelf.ts';
import type { KeptStorage } from './storage.ts';

export interface Found {
  readonly shelf: Shelf;
  readonly row: SessionRow;
}

/** In memory first, so that what is ephemeral is found whatever the disk does. */
export function findSession(storage: KeptStorage, id: string, deleted = false): Found {
  for (const shelf of [storage.memory, storage.disk]) {
    const row = shelf?.store.session(id, deleted);
    if (shelf && row) return { shelf, row };
  }
  storage.main(); // throws why it cannot be known
  throw new AppError(
    'session-not-found',
    'There is no such session (any more).',
    'Choose another, or begin a new one.',
  );
}

/** A turn of that session that is not deleted, nor what it hangs below. */
export function findTurn(turns: readonly TurnRow[], id: string): TurnRow {
  const turn = turns.find((candidate) => candidate.id === id);
  if (turn) return turn;
  throw noTurn();
}

export const noTurn = () =>
  new AppError('turn-not-found', 'There is no such turn (any more).', 'Open the session again.');
