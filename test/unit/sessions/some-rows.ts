/** Rows for tests: whole ones, of which a test names only what it is about. */
import type {
  CheckpointRow,
  PointRow,
  SessionRow,
  Store,
  TurnRow,
} from '../../../electron/core/sessions/rows.ts';

let count = 0;
const next = (kind: string) => `${kind}-${++count}`;

export const aSession = (part: Partial<SessionRow> = {}): SessionRow => ({
  id: next('session'),
  title: '',
  titledBy: 'nobody',
  folder: null,
  pinned: false,
  archived: false,
  model: null,
  system: null,
  sampling: {},
  preset: null,
  draft: '',
  leaf: null,
  createdAt: 1000,
  updatedAt: 1000,
  deletedAt: null,
  ...part,
});

export const aTurn = (session: string, parent: string | null, part: Partial<TurnRow> = {}): TurnRow => ({
  id: next('turn'),
  session,
  parent,
  role: 'user',
  text: '',
  status: 'whole',
  edited: false,
  sampling: null,
  model: null,
  stats: null,
  error: null,
  createdAt: 1000,
  deletedAt: null,
  ...part,
});

export const aPoint = (turn: string, from: string | null, part: Partial<PointRow> = {}): PointRow => ({
  turn,
  model: 'model',
  from,
  ids: Int32Array.of(1, 2, 3),
  tokens: 3,
  textLength: 5,
  textHash: '0'.repeat(64),
  ...part,
});

export const aCheckpoint = (turn: string, part: Partial<CheckpointRow> = {}): CheckpointRow => ({
  turn,
  model: 'model',
  file: `${turn}.safetensors`,
  bytes: 100,
  usedAt: 1000,
  ...part,
});

/** A session with a chain of turns, each below the one before. */
export function chain(store: Store, length: number, session = aSession()) {
  const turns = Array.from({ length }, (_, i) => aTurn(session.id, null, { text: `words ${i}` }));
  store.transaction(() => {
    store.addSession(session);
    for (const [i, turn] of turns.entries()) {
      store.addTurn({ ...turn, parent: turns[i - 1]?.id ?? null, role: i % 2 ? 'assistant' : 'user' });
    }
    store.changeSession(session.id, { leaf: turns.at(-1)?.id ?? null });
  });
  return { id: session.id, turns: turns.map(({ id }) => id) };
}
