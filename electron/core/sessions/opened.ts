/** Rows as the interface sees them: a session with the turns of its active branch, and what each would cost to resume. */
import type { Resume, Session, SessionSummary, Turn } from '../../shared/contract.ts';
import type { PointHead, SessionRow, TurnRow } from './rows.ts';

/** What is known of the states along the active branch. */
export interface Known {
  /** Points that stand for the branch's text as it is now. */
  readonly points: readonly PointHead[];
  readonly kept: (point: PointHead) => boolean;
}

export interface Live {
  readonly ephemeral: boolean;
  /** The turn that is being written now. */
  readonly writing: string | null;
}

/** Of text that the model never read; English prose has about four chars a token. */
const charsPerToken = 4;
/** What a template puts around a message. */
const tokensAround = 5;

export const summaryOf = (row: SessionRow, { ephemeral, writing }: Live): SessionSummary => ({
  id: row.id,
  title: row.title,
  folder: row.folder,
  pinned: row.pinned,
  archived: row.archived,
  ephemeral,
  model: row.model,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
  writing: writing !== null,
});

/** `turns`: all of the session; `path`: those of the active branch, from the first to the last. */
export function openedSession(
  row: SessionRow,
  turns: readonly TurnRow[],
  path: readonly TurnRow[],
  known: Known,
  live: Live,
): Session {
  const siblings = Map.groupBy(turns, ({ parent }) => parent);
  const costs = resumeCosts(path, known);
  return {
    ...summaryOf(row, live),
    system: row.system,
    sampling: row.sampling,
    preset: row.preset,
    draft: row.draft,
    turns: path.map((turn, i) =>
      shownTurn(turn, siblings.get(turn.parent) ?? [turn], costs[i] as Resume, live.writing),
    ),
  };
}

const shownTurn = (
  { id, parent, role, text, status, edited, stats, error, createdAt }: TurnRow,
  siblings: readonly TurnRow[],
  resume: Resume,
  writing: string | null,
): Turn => ({
  id,
  parent,
  role,
  text,
  // A full disk may have kept its end from being written.
  status: status === 'writing' && id !== writing ? 'cut' : status,
  edited,
  siblings: siblings.map((sibling) => sibling.id),
  resume,
  stats,
  error,
  createdAt,
});

/** For each turn of the path. */
export function resumeCosts(
  path: readonly Pick<TurnRow, 'id' | 'text'>[],
  { points, kept }: Known,
): Resume[] {
  const byTurn = new Map(points.map((point) => [point.turn, point]));
  /** Tokens in the nearest state that the way to a turn's point leads over; none where that way is lost. */
  const nearest = new Map<string, number>();
  let before: Resume = { tokens: 0, exact: true };
  return path.map(({ id, text }) => {
    const point = byTurn.get(id);
    const start = point && (kept(point) ? point.tokens : point.from === null ? 0 : nearest.get(point.from));
    if (point && start !== undefined) {
      nearest.set(id, start);
      before = { tokens: point.tokens - start, exact: true };
    } else {
      const estimated = Math.ceil(text.length / charsPerToken) + tokensAround;
      before = { tokens: before.tokens + estimated, exact: false };
    }
    return before;
  });
}
