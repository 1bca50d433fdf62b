/** The session that a chat is in, made with the first message, and the reply being written in it. */
import type { Contract, ReplyItem, SamplingOptions, Session } from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import type { Client } from '../../shared/rpc.ts';
import { turnId } from '../sessions/ids.ts';
import { needKept } from '../sessions/kept.ts';
import { replyWriter } from '../sessions/print.ts';

export interface Conversation {
  readonly rpc: Client<Contract>;
  /** As it is now; throws `session-not-found` before the first message. */
  session(): Session;
  send(text: string, parent?: string | null): Promise<void>;
  /** One more reply to the last message. */
  retry(): Promise<void>;
  /** Goes on with the last reply. */
  goOn(): Promise<void>;
  /** Goes on in another session, or null: in a new one. */
  enter(session: Session | null): Promise<void>;
  /** Stops the reply; false when none is being written. */
  stop(): boolean;
}

type Writing = (on: (item: ReplyItem) => void, signal: AbortSignal) => Promise<Session>;

/** `beginning`: how a new session is made. That the kept sessions cannot be used is told before anything is typed. */
export async function createConversation(
  rpc: Client<Contract>,
  opened: Session | null,
  beginning: { system: string | null; ephemeral: boolean },
  sampling: Partial<SamplingOptions>,
): Promise<Conversation> {
  let current = opened;
  let reply: AbortController | null = null;
  const print = replyWriter((text) => void process.stdout.write(text));
  if (!beginning.ephemeral) await needKept(rpc);

  const session = () => {
    if (current) return current;
    throw new AppError('session-not-found', 'Nothing has been said yet.', 'Type a message first.');
  };
  async function write(work: Writing) {
    reply = new AbortController();
    try {
      current = await work(print, reply.signal);
      process.stdout.write('\n');
    } finally {
      reply = null;
    }
  }
  return {
    rpc,
    session,
    async send(text, parent) {
      current ??= await rpc.call('sessions.create', beginning);
      const { id } = current;
      const params = { session: id, text, sampling, ...(parent !== undefined && { parent }) };
      await write((on, signal) => rpc.stream('sessions.send', params, on, signal));
    },
    retry() {
      const { id } = session();
      const turn = turnId(session(), undefined, ({ role }) => role === 'user');
      return write((on, signal) => rpc.stream('turns.reply', { session: id, turn, sampling }, on, signal));
    },
    goOn() {
      const { id } = session();
      const turn = turnId(session(), undefined, ({ role }) => role === 'assistant');
      return write((on, signal) => rpc.stream('turns.continue', { session: id, turn, sampling }, on, signal));
    },
    async enter(next) {
      if (current?.ephemeral && current.id !== next?.id)
        await rpc.call('sessions.delete', { session: current.id });
      current = next;
    },
    stop() {
      reply?.abort();
      return reply !== null;
    },
  };
}
