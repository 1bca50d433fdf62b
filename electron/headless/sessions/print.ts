/** Sessions as text for people. */
import type {
  ReplyItem,
  SearchHit,
  Session,
  SessionList,
  SessionSummary,
  Storage,
  Turn,
} from '../../shared/contract.ts';
import { shortId } from './ids.ts';

const time = (at: number) => {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(two).join('-');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
};

export const bytesText = (bytes: number): string => {
  const power = [3, 2, 1].find((power) => bytes >= 1024 ** power) ?? 0;
  return `${(bytes / 1024 ** power).toFixed(power && 1)} ${['bytes', 'KiB', 'MiB', 'GiB'][power]}`;
};

export const titleOf = ({ title }: { title: string }): string => title || 'Untitled';

/** One line for each that `archived` asks for, latest first. */
export function listText({ sessions, folders }: SessionList, archived: boolean): string {
  const folderName = new Map(folders.map(({ id, name }) => [id, name]));
  const line = (session: SessionSummary) => {
    const marks = [session.folder !== null && folderName.get(session.folder), session.pinned && 'pinned'];
    const note = marks.filter(Boolean).join(', ');
    return `${shortId(session.id)}  ${time(session.updatedAt)}  ${titleOf(session)}${note && `  (${note})`}`;
  };
  return lines(sessions.filter((session) => session.archived === archived).map(line));
}

export function sessionText(session: Session): string {
  const head = [`${titleOf(session)}`, `${session.id}, ${time(session.createdAt)}`];
  if (session.model !== null) head.push(`model: ${session.model}`);
  if (session.preset !== null) head.push(`preset: ${session.preset}`);
  if (session.system !== null) head.push(`system: ${session.system}`);
  return `${lines(head)}${session.turns.map((turn) => `\n${turnText(turn)}`).join('')}`;
}

function turnText(turn: Turn): string {
  const { id, role, siblings, status, edited, stats, resume, error } = turn;
  const notes = [
    siblings.length > 1 && `${siblings.indexOf(id) + 1}/${siblings.length}`,
    edited && 'edited',
    status === 'cut' && 'stopped: continue goes on with it',
    stats && `${stats.generatedTokens} tokens`,
    resume.tokens === 0 ? 'kept' : `${resume.exact ? '' : 'about '}${resume.tokens} tokens to read`,
    error && `${error.message} [${error.code}]`,
  ];
  const said = notes.filter(Boolean).join(', ');
  return `${role === 'user' ? 'You' : 'Llamba'}  ${shortId(id)}  (${said})\n${turn.text.replace(/^/gm, '  ')}\n`;
}

export const hitsText = (hits: readonly SearchHit[], mark: (text: string) => string): string =>
  lines(
    hits.map((hit) => {
      const snippet = hit.snippet.map(({ text, match }) => (match ? mark(text) : text)).join('');
      const turn = hit.turn === null ? '' : `  ${shortId(hit.turn)}`;
      return `${shortId(hit.session)}${turn}  ${titleOf(hit)}\n  ${snippet.replaceAll(/\s+/g, ' ')}`;
    }),
  );

export function storageText(storage: Storage): string {
  const { phase, error, checkpointBytes, checkpointCount, checkpointBudgetBytes, freeBytes, damaged } =
    storage;
  const told = [
    `${phase}${error ? `: ${error.message}` : ''}`,
    `${checkpointCount} states, ${bytesText(checkpointBytes)} of at most ${bytesText(checkpointBudgetBytes)}`,
  ];
  if (freeBytes !== null) told.push(`${bytesText(freeBytes)} free on the disk`);
  for (const { path, error, at } of damaged) told.push(`set aside ${time(at)}: ${path}: ${error.message}`);
  return lines(told);
}

/** Writes a reply as it comes; what is no text of it goes to standard error. */
export function replyWriter(write: (text: string) => void): (item: ReplyItem) => void {
  const tell = (text: string) => void process.stderr.write(text);
  return (item) => {
    if (item.type === 'text') write(item.text);
    if (item.type === 'prefill') readingWriter(item);
    if (item.type === 'paused')
      tell(`\nllamba: ${item.error.message} The reply waits.\n  ${item.error.hint}\n`);
    if (item.type === 'resumed') tell('llamba: There is room again: the reply goes on.\n');
  };
}

/** Progress of a long reading, in a terminal only. */
export function readingWriter({ done, total }: { done: number; total: number }): void {
  if (!process.stderr.isTTY || total < 500) return;
  process.stderr.write(done < total ? `\rreading ${done} of ${total} tokens` : '\r\x1b[K');
}

const lines = (all: readonly string[]) => all.map((line) => `${line}\n`).join('');
