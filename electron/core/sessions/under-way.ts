/** What is being written: at most one reply in a session, each of which can be stopped. */
import { AppError } from '../../shared/errors.ts';

export interface UnderWay {
  /** The turn that is being written in it; null: none. */
  turn(session: string): string | null;
  /** Whether a reply is being written in any session but this one. */
  elsewhere(session: string | null): boolean;
  /** Throws `busy` when a reply is being written in it. */
  refuse(session: string): void;
  /** Does `work`, which hears in `signal` that the caller (`signal`) or anybody else stops it. */
  run<T>(
    session: string,
    turn: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** Stops it; resolves after its end, when its caller has heard of it. */
  stop(session: string): Promise<void>;
  stopAll(): Promise<void>;
}

export function createUnderWay(): UnderWay {
  const replies = new Map<string, { turn: string; stop: AbortController; ended: Promise<void> }>();

  async function stop(session: string): Promise<void> {
    const reply = replies.get(session);
    reply?.stop.abort();
    await reply?.ended;
  }

  return {
    turn: (session) => replies.get(session)?.turn ?? null,
    elsewhere: (session) => replies.size > (session !== null && replies.has(session) ? 1 : 0),
    refuse(session) {
      if (!replies.has(session)) return;
      throw new AppError('busy', 'A reply is still being written.', 'Stop it first, or wait for its end.');
    },
    async run(session, turn, signal, work) {
      const stop = new AbortController();
      const reply = { turn, stop, ended: Promise.resolve() };
      replies.set(session, reply);
      const ending = work(AbortSignal.any([signal, stop.signal])).finally(() => replies.delete(session));
      const later = () => new Promise<void>((resolve) => setImmediate(resolve));
      reply.ended = ending.then(later, later);
      return ending;
    },
    stop,
    stopAll: async () => void (await Promise.all([...replies.keys()].map(stop))),
  };
}
