/**
 * What is kept of sessions: rows of the database, and the calls that read and write them. Everything here is
 * synchronous; what a call returned is on the disk (WAL, synchronous FULL). An ephemeral session has the same rows in
 * a database in memory.
 *
 * Points and checkpoints: the end of every turn is a place where a state can stand (of a user's turn, with the
 * template's opening of the reply). A point says how to get there: which ids to feed after which earlier turn's point.
 * A checkpoint is the file of a state that stands there. Points are kept for ever, so that a lost checkpoint is read
 * again id for id; there is a point for each model that stood there.
 */
import type { AppErrorValue } from '../../shared/errors.ts';
import type {
  Folder,
  Preset,
  SamplingOptions,
  SearchHit,
  SessionChange,
  TurnStats,
} from '../../shared/sessions.ts';

export interface SessionRow {
  readonly id: string;
  readonly title: string;
  /** Who named it; a title by the user is never replaced. */
  readonly titledBy: 'nobody' | 'model' | 'user';
  readonly folder: string | null;
  readonly pinned: boolean;
  readonly archived: boolean;
  readonly model: string | null;
  readonly system: string | null;
  readonly sampling: Partial<SamplingOptions>;
  readonly preset: string | null;
  readonly draft: string;
  /** The last turn of the active branch. */
  readonly leaf: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletedAt: number | null;
}

export interface TurnRow {
  readonly id: string;
  readonly session: string;
  readonly parent: string | null;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly status: 'writing' | 'whole' | 'cut';
  readonly edited: boolean;
  /** In use when it was written; of a reply. */
  readonly sampling: SamplingOptions | null;
  readonly model: string | null;
  readonly stats: TurnStats | null;
  readonly error: AppErrorValue | null;
  readonly createdAt: number;
  readonly deletedAt: number | null;
}

export interface PointRow {
  readonly turn: string;
  /** The model's fingerprint: its states and ids mean nothing to another. */
  readonly model: string;
  /** The point before, always that of an ancestor; null: a fresh state. */
  readonly from: string | null;
  /** Fed after it. */
  readonly ids: Int32Array;
  /** Fed in all. */
  readonly tokens: number;
  /** Of the rendered text that those tokens stand for: length in UTF-16 units, SHA-256 as hex. */
  readonly textLength: number;
  readonly textHash: string;
}

/** A point without its ids: what planning needs. */
export type PointHead = Omit<PointRow, 'ids'>;

export interface CheckpointRow {
  readonly turn: string;
  readonly model: string;
  /** In the folder of states. Sessions that were forked share files. */
  readonly file: string;
  readonly bytes: number;
  readonly usedAt: number;
}

/** A checkpoint with what thinning goes by. */
export interface CheckpointPlace extends CheckpointRow {
  readonly session: string;
  readonly pinned: boolean;
  /** Turns between it and the end of the active branch; null: on another branch. */
  readonly distance: number | null;
  /** More than one turn hangs below. */
  readonly branches: boolean;
}

export interface Store {
  /** All or nothing, also when `work` throws. Calls inside `work` belong to it. */
  transaction<T>(work: () => T): T;

  addSession(row: SessionRow): void;
  /** Not the deleted ones, unless asked for. */
  session(id: string, deleted?: boolean): SessionRow | null;
  /** Latest first; not the deleted ones. */
  sessions(): SessionRow[];
  changeSession(
    id: string,
    change: SessionChange & Partial<Pick<SessionRow, 'titledBy' | 'leaf' | 'updatedAt' | 'deletedAt'>>,
  ): void;
  /** For good: sessions and turns deleted before `before` (ms). Gives the sessions. */
  purge(before: number): string[];
  removeSession(id: string): void;

  addTurn(row: TurnRow): void;
  turn(id: string): TurnRow | null;
  /** Of a session, oldest first; not the deleted ones, nor what hangs below them. */
  turns(session: string): TurnRow[];
  writeTurn(
    id: string,
    change: Partial<
      Pick<TurnRow, 'text' | 'status' | 'stats' | 'error' | 'deletedAt' | 'sampling' | 'model'>
    >,
  ): void;
  /** At start: what was being written when the app died is cut. Gives how many. */
  cutWriting(): number;

  putPoint(row: PointRow): void;
  point(turn: string, model: string): PointRow | null;
  /** Of all turns of a session. */
  points(session: string, model: string): PointHead[];
  /** Those that have points in a session. */
  models(session: string): string[];

  putCheckpoint(row: CheckpointRow): void;
  /** Of all turns of a session. */
  checkpoints(session: string, model: string): CheckpointRow[];
  usedCheckpoint(turn: string, model: string, at: number): void;
  dropCheckpoint(turn: string, model: string): void;
  /** All there are, for thinning. */
  places(): CheckpointPlace[];
  /** Forgets every checkpoint in these files. */
  dropFiles(files: readonly string[]): void;
  /** Names of all files that some checkpoint needs. */
  files(): Set<string>;
  /** Bytes of these files, each once, and their number. */
  usage(): { bytes: number; count: number };

  search(query: string, limit: number): SearchHit[];

  folders(): Folder[];
  putFolder(folder: Folder): void;
  removeFolder(id: string): void;
  presets(): Preset[];
  putPreset(preset: Preset): void;
  removePreset(name: string): void;
  setting(name: string): string | null;
  putSetting(name: string, value: string): void;

  close(): void;
}
