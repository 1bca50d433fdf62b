/** What a scripted user works with: a core, luck that can be repeated, and somebody who hears what was acknowledged. */
import type { Contract, ReplyItem, SamplingOptions, Session, Turn } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import type { Random } from './seeded.ts';

/** What core acknowledged, as it does. */
export interface Heard {
  /** It is kept, with this text at least. */
  turn(turn: Turn): void;
  /** More of a reply that is being written. */
  text(turn: string, piece: string): void;
  /** These turns stand as they are. */
  session(session: Session): void;
}

export interface Habits {
  /** Of a usual reply. */
  readonly tokens: readonly [from: number, to: number];
  /** A long reply is stopped after so many ms. */
  readonly longMs: readonly [from: number, to: number];
  readonly sessions: number;
  /** What states may take when they are thinned, and else. */
  readonly budgets: readonly [tight: number, wide: number];
}

export interface Scene {
  readonly rpc: Client<Contract>;
  readonly random: Random;
  readonly heard: Heard;
  readonly habits: Habits;
}

type Reply =
  | { method: 'sessions.send'; params: Contract['streams']['sessions.send']['params'] }
  | { method: 'turns.reply'; params: Contract['streams']['turns.reply']['params'] }
  | { method: 'turns.continue'; params: Contract['streams']['turns.continue']['params'] };

/** Has a reply written, short or until it is stopped; tells what comes. */
export async function write(
  scene: Scene,
  { method, params }: Reply,
  length: 'short' | 'long',
): Promise<Session> {
  const { rpc, random, heard, habits } = scene;
  const abort = new AbortController();
  const sampling: Partial<SamplingOptions> = {
    temperature: 1,
    seed: random.between(0, 2 ** 31),
    maxTokens: length === 'short' ? random.between(...habits.tokens) : 1_000_000,
  };
  const patience = random.between(...habits.longMs);
  let timer: NodeJS.Timeout | undefined;
  const on = (item: ReplyItem) => {
    if (item.type === 'turn') heard.turn(item.turn);
    if (item.type !== 'text') return;
    heard.text(item.turnId, item.text);
    if (length === 'long') timer ??= setTimeout(() => abort.abort(), patience);
  };
  const given = { ...params, sampling } as never;
  try {
    const session = await rpc.stream(method, given, on, abort.signal);
    heard.session(session);
    return session;
  } finally {
    clearTimeout(timer);
  }
}

/** One of the sessions that are kept; a new one when there is none yet. */
export async function anySession({ rpc, random }: Scene): Promise<Session> {
  const { sessions } = await rpc.call('sessions.list', {});
  if (sessions.length === 0) return rpc.call('sessions.create', { system: null });
  return rpc.call('sessions.get', { session: random.pick(sessions).id });
}

/** One of the turns of its active branch that fit; null: there is none. */
export function anyTurn({ random }: Scene, { turns }: Session, fits: (turn: Turn) => boolean): Turn | null {
  const fitting = turns.filter(fits);
  return fitting.length > 0 ? random.pick(fitting) : null;
}
