/**
 * Which state to start from. The template's text of a path of turns is the measure: a point whose text it begins with
 * is on the way, whatever was changed since (system line, preset, template); only what comes after it is encoded.
 */
import { createHash, type Hash } from 'node:crypto';
import type { Message, Tokenizer } from '../tokenizer.ts';
import type { PointHead, TurnRow } from './rows.ts';

/** The end of a turn, as text. */
export interface Target {
  readonly turn: string;
  /** What a state there has read. */
  readonly text: string;
  /** As later turns see it: templates may trim a reply, whose white space at the end then is in no later text. */
  readonly shown: string;
}

export function messagesOf(
  system: string | null,
  path: readonly Pick<TurnRow, 'role' | 'text'>[],
): Message[] {
  const said = path.map(({ role, text }) => ({ role, content: text }));
  return system === null ? said : [{ role: 'system', content: system }, ...said];
}

/** The end of `path`: of a user's turn with the template's opening of the reply, of a reply after its last word. */
export function targetOf(
  tokenizer: Tokenizer,
  system: string | null,
  path: readonly Pick<TurnRow, 'id' | 'role' | 'text'>[],
): Target {
  const last = path.at(-1);
  if (!last) throw new Error('a path has turns');
  if (last.role === 'user') {
    const text = tokenizer.render(messagesOf(system, path), true);
    return { turn: last.id, text, shown: text };
  }
  const opening = tokenizer.render(messagesOf(system, path.slice(0, -1)), true);
  return {
    turn: last.id,
    text: opening + tokenizer.inert(last.text),
    shown: opening + shownReply(tokenizer, last.text),
  };
}

const trims = new WeakMap<Tokenizer, boolean>();

/** A reply as the template writes it into longer texts, up to white space at its beginning. */
export function shownReply(tokenizer: Tokenizer, reply: string): string {
  let trimmed = trims.get(tokenizer);
  if (trimmed === undefined) {
    const probe: Message[] = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b \t' },
    ];
    trimmed = !tokenizer.render(probe, false).includes('b \t');
    trims.set(tokenizer, trimmed);
  }
  return tokenizer.inert(trimmed ? reply.trimEnd() : reply);
}

/** SHA-256 of a text's UTF-16 units, so that it can be cut anywhere. */
export const hashing = (text: string): Hash => createHash('sha256').update(text, 'utf16le');

/** Those points that stand for a beginning of `text`, shortest first. One pass over the text. */
export function standing(text: string, points: readonly PointHead[]): PointHead[] {
  const hash = createHash('sha256');
  let at = 0;
  return points
    .filter(({ textLength }) => textLength <= text.length)
    .sort((a, b) => a.textLength - b.textLength)
    .filter(({ textLength, textHash }) => {
      hash.update(text.slice(at, textLength), 'utf16le');
      at = textLength;
      return hash.copy().digest('hex') === textHash;
    });
}

export interface Start {
  /** Whose state there is; null: begin with a fresh one. */
  readonly base: PointHead | null;
  /** Points on the way from there, whose ids are fed in this order. */
  readonly chain: readonly PointHead[];
  /** Where base and chain lead to; null: nowhere yet. */
  readonly end: PointHead | null;
  /** To be encoded and fed then. */
  readonly rest: string;
}

/** `points`: of the turns on the way to the target; `kept`: whether there is a state of that turn's point. */
export function startOf(
  { text, shown }: Target,
  points: readonly PointHead[],
  kept: (point: PointHead) => boolean,
): Start {
  const onTheWay = standing(text, points);
  const byTurn = new Map(onTheWay.map((point) => [point.turn, point]));
  for (const end of onTheWay.toReversed()) {
    const way = wayTo(end, byTurn, kept);
    if (way) return { ...way, end, rest: end.textLength === shown.length ? '' : text.slice(end.textLength) };
  }
  return { base: null, chain: [], end: null, rest: text };
}

/** null: it leads over a point that stands for another text by now. */
function wayTo(
  end: PointHead,
  byTurn: ReadonlyMap<string, PointHead>,
  kept: (point: PointHead) => boolean,
): Pick<Start, 'base' | 'chain'> | null {
  const chain: PointHead[] = [];
  for (let at = end; ; ) {
    if (kept(at)) return { base: at, chain: chain.reverse() };
    chain.push(at);
    if (at.from === null) return { base: null, chain: chain.reverse() };
    const before = byTurn.get(at.from);
    if (!before || before.tokens > at.tokens) return null;
    at = before;
  }
}
