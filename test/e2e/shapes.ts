/** Sessions and turns made by tests: what is not said is as it mostly is. */
import type { Session, Storage, Turn } from '../../electron/shared/contract.ts';

/** A reply hangs below `u` unless told otherwise. */
export const turn = (id: string, role: Turn['role'], text: string, rest: Partial<Turn> = {}): Turn => ({
  id,
  parent: role === 'assistant' ? 'u' : null,
  role,
  text,
  status: 'whole',
  edited: false,
  siblings: [id],
  resume: { tokens: 0, exact: true },
  stats: null,
  error: null,
  createdAt: 0,
  ...rest,
});

export const session = (...turns: Turn[]): Session => ({
  id: 's',
  title: 'Hello',
  folder: null,
  pinned: false,
  archived: false,
  ephemeral: false,
  model: null,
  createdAt: 0,
  updatedAt: 0,
  writing: false,
  system: null,
  sampling: {},
  preset: null,
  draft: '',
  turns,
});

export const storage: Storage = {
  phase: 'ready',
  error: null,
  damaged: [],
  checkpointBytes: 0,
  checkpointCount: 0,
  checkpointBudgetBytes: 5 * 2 ** 30,
  freeBytes: null,
};
