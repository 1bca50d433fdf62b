/** What the sidebar lists, from top to bottom: pinned, folders, then the rest by how long ago it was written. Pure. */
import type { Folder, SessionSummary } from '../../electron/shared/contract.ts';

export type Row =
  | { readonly kind: 'heading'; readonly key: string; readonly title: string }
  | {
      readonly kind: 'folder';
      readonly key: string;
      readonly folder: Folder;
      readonly count: number;
      readonly open: boolean;
    }
  | {
      readonly kind: 'session';
      readonly key: string;
      readonly session: SessionSummary;
      /** Stands below its folder. */
      readonly inside: boolean;
    };

export interface Shown {
  /** Ids of folders that are shut. */
  readonly shut: ReadonlySet<string>;
  /** The archive in place of everything else. */
  readonly archived: boolean;
  /** In ms since 1970. */
  readonly now: number;
}

/** `sessions` latest first, `folders` by name. */
export function rowsOf(
  sessions: readonly SessionSummary[],
  folders: readonly Folder[],
  { shut, archived, now }: Shown,
): Row[] {
  const listed = sessions.filter((session) => session.archived === archived);
  if (archived) return byRecency(listed, now);
  const known = new Set(folders.map(({ id }) => id));
  const pinned = listed.filter((session) => session.pinned);
  const rest = listed.filter((session) => !session.pinned);
  const loose = rest.filter(({ folder }) => folder === null || !known.has(folder));
  const rows: Row[] = [];
  if (pinned.length > 0) rows.push(heading('Pinned'), ...pinned.map((session) => row(session)));
  if (folders.length > 0) rows.push(heading('Folders'));
  for (const folder of folders) {
    const inside = rest.filter((session) => session.folder === folder.id);
    const open = !shut.has(folder.id);
    rows.push({ kind: 'folder', key: `folder ${folder.id}`, folder, count: inside.length, open });
    if (open) rows.push(...inside.map((session) => row(session, true)));
  }
  return [...rows, ...byRecency(loose, now)];
}

const heading = (title: string): Row => ({ kind: 'heading', key: `heading ${title}`, title });
const row = (session: SessionSummary, inside = false): Row => ({
  kind: 'session',
  key: session.id,
  session,
  inside,
});

function byRecency(sessions: readonly SessionSummary[], now: number): Row[] {
  const rows: Row[] = [];
  let before = '';
  for (const session of sessions) {
    const title = recency(session.updatedAt, now);
    if (title !== before) rows.push(heading(title));
    before = title;
    rows.push(row(session));
  }
  return rows;
}

/** By days of the calendar where the user is, not by hours; clocks put forward or back change nothing. */
export function recency(at: number, now: number): string {
  const daysAgo = dayOf(now) - dayOf(at);
  if (daysAgo <= 0) return 'Today';
  if (daysAgo === 1) return 'Yesterday';
  if (daysAgo <= 7) return 'Previous 7 days';
  if (daysAgo <= 30) return 'Previous 30 days';
  const then = new Date(at);
  const thisYear = then.getFullYear() === new Date(now).getFullYear();
  return then.toLocaleDateString('en', thisYear ? { month: 'long' } : { year: 'numeric' });
}

/** Days since 1970 of the local date. */
function dayOf(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000;
}
