/** The commands of a conversation: replies as they are written, branches, edits. */
import { parted } from '../../electron/shared/attachments.ts';
import type { Contract, ReplyItem, Session } from '../../electron/shared/contract.ts';
import { toErrorValue } from '../../electron/shared/errors.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import type { Commands } from '../app/commands.ts';
import { calling, gone, type Link } from '../app/link.ts';
import { blocked } from '../store.ts';
import { keyOf, turnsOf, unsent } from './chat-state.ts';

type ChatCommands = Pick<
  Commands,
  'send' | 'stop' | 'reply' | 'continueTurn' | 'editReply' | 'selectTurn' | 'deleteTurn' | 'forkFrom'
>;

/** What a reply's stream is begun with. */
interface Writing {
  readonly rpc: Client<Contract>;
  readonly signal: AbortSignal;
  readonly onItem: (item: ReplyItem) => void;
}

export function chatCommands(link: Link): ChatCommands {
  const { store } = link;
  const act = store.getState();
  /** Replies under way, by session. */
  const stops = new Map<string, AbortController>();

  /** `begin` may find that the reply's key changes: a new chat gets its session with the first message. */
  async function write(
    key: string,
    begin: (writing: Writing, rekey: (id: string) => void) => Promise<Session>,
  ) {
    const { rpc } = link;
    if (!rpc) return act.replyFailed(key, gone);
    const stop = new AbortController();
    let at = key;
    stops.set(at, stop);
    const rekey = (id: string) => {
      stops.delete(at);
      at = id;
      stops.set(at, stop);
    };
    try {
      const onItem = (item: ReplyItem) => act.replyAdvanced(at, item);
      act.replyEnded(await begin({ rpc, signal: stop.signal, onItem }, rekey));
    } catch (error) {
      act.replyFailed(at, toErrorValue(error));
      // Core knows best what became of the turn.
      if (at !== unsent && link.rpc)
        await calling(link, (open) => open.call('sessions.get', { session: at })).then(
          (session) => session && act.sessionRead(session),
        );
    } finally {
      stops.delete(at);
    }
  }

  /** One more stream into the session on the screen. */
  function writeHere(method: 'turns.reply' | 'turns.continue', turn: string) {
    const state = store.getState();
    const session = state.sessionId;
    if (blocked(state) !== null || session === null) return;
    act.deathRead();
    act.replyStarted(session, null);
    void write(
      session,
      ({ rpc, signal, onItem }) => rpc.stream(method, { session, turn }, onItem, signal) as Promise<Session>,
    );
  }

  /** A call that gives the session on the screen anew; `failed` is what to do when it does not. */
  function change(
    work: (rpc: Client<Contract>, session: string) => Promise<Session>,
    failed: () => void = () => undefined,
  ) {
    const session = store.getState().sessionId;
    if (session === null) return;
    void calling(link, (rpc) => work(rpc, session)).then((changed) =>
      changed ? act.sessionRead(changed) : failed(),
    );
  }

  return {
    send(text, { parent, documents = [] } = {}) {
      const state = store.getState();
      if (blocked(state) !== null || text.trim() === '') return;
      const key = keyOf(state);
      act.deathRead();
      act.replyStarted(key, parted(text).text, documents);
      void write(key, async ({ rpc, signal, onItem }, rekey) => {
        const session = state.sessionId ?? (await begun(rpc, rekey)).id;
        const place = parent === undefined ? {} : { parent };
        const params = { session, text, documents, ...place };
        return rpc.stream('sessions.send', params, onItem, signal);
      });
    },
    stop() {
      const key = keyOf(store.getState());
      const stop = stops.get(key);
      if (!stop || stop.signal.aborted) return;
      act.replyStopping(key);
      stop.abort();
    },
    reply: (turn) => writeHere('turns.reply', turn),
    continueTurn: (turn) => writeHere('turns.continue', turn),
    editReply: (turn, text) =>
      change(
        (rpc, session) => rpc.call('turns.edit', { session, turn, text }),
        () => act.editChanged(turn, text),
      ),
    selectTurn: (turn) => change((rpc, session) => rpc.call('turns.select', { session, turn })),
    deleteTurn: (turn) =>
      change(async (rpc, session) => {
        const role = turnsOf(store.getState()).find(({ id }) => id === turn)?.role;
        const left = await rpc.call('turns.delete', { session, turn });
        act.deleted({ session, turn, label: role === 'user' ? 'Message deleted' : 'Reply deleted' });
        return left;
      }),
    forkFrom(turn) {
      const session = store.getState().sessionId;
      if (session === null) return;
      void calling(link, (rpc) => rpc.call('sessions.fork', { session, turn })).then(
        (forked) => forked && act.sessionOpened(forked),
      );
    },
  };

  async function begun(rpc: Client<Contract>, rekey: (id: string) => void): Promise<Session> {
    const session = await rpc.call('sessions.create', store.getState().newChat);
    act.sessionBegun(session);
    rekey(session.id);
    return session;
  }
}
