/**
 * The sessions on the screen and those being written behind it, and the pure steps that change them. Nothing here knows
 * how core is reached.
 */
import type { ReplyItem, Session, Turn } from '../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../electron/shared/errors.ts';

export interface ReplyProgress {
  /** The message until core has taken it into the session; null after that, and where none is sent. */
  readonly sent: string | null;
  /** The documents that go with it. */
  readonly attached: readonly string[];
  /** null until the first item names the turn. */
  readonly turnId: string | null;
  /** Tokens of the prompt read so far; null when nothing is left to read. */
  readonly prefill: { readonly done: number; readonly total: number } | null;
  /** Tokens written so far. */
  readonly tokens: number;
  /** Why it waits: the disk is full. */
  readonly paused: AppErrorValue | null;
  /** The user has asked for the end, which comes within a token. */
  readonly stopping: boolean;
}

/** What a chat is to be like that has no session yet. */
export interface NewChat {
  readonly ephemeral: boolean;
  /** null: the model's own system prompt. */
  readonly system: string | null;
}

/** Key of what belongs to the chat that has no session yet. */
export const unsent = '';

export interface ChatState {
  /** null before the first message: a session begins with it. */
  readonly sessionId: string | null;
  readonly newChat: NewChat;
  /** The session on the screen, and every other that is being written. */
  readonly opened: Readonly<Record<string, Session>>;
  /** By session: what was typed since it was opened. */
  readonly drafts: Readonly<Record<string, string>>;
  /** By session: documents of the library that are to go with what is typed. */
  readonly attached: Readonly<Record<string, readonly string[]>>;
  /** By turn: the text of those that are being edited where they stand. */
  readonly edits: Readonly<Record<string, string>>;
  /** By session: set while a reply is being written. */
  readonly replies: Readonly<Record<string, ReplyProgress>>;
  /** A turn to bring into view: what a search found. */
  readonly sought: string | null;
  /** What went wrong outside of a turn. */
  readonly failure: AppErrorValue | null;
}

export interface ChatActions {
  draftChanged(draft: string): void;
  attachedChanged(attached: readonly string[]): void;
  /** null: no longer being edited. */
  editChanged(turn: string, text: string | null): void;
  systemChanged(system: string | null): void;
  chatBegun(ephemeral: boolean): void;
  /** The chat that had no session has one: its reply under way moves there, and the screen if it is still on it. */
  sessionBegun(session: Session): void;
  /** Shows it. */
  sessionOpened(session: Session, sought?: string | null): void;
  /** What core says of one that is open; of any other it is dropped. */
  sessionRead(session: Session): void;
  /** Core no longer knows the session; its text stays on the screen. */
  sessionGone(session: string): void;
  seen(): void;
  replyStarted(key: string, sent: string | null, attached?: readonly string[]): void;
  replyAdvanced(key: string, item: ReplyItem): void;
  replyStopping(key: string): void;
  replyEnded(session: Session): void;
  replyFailed(key: string, error: AppErrorValue): void;
  failed(error: AppErrorValue): void;
  failureDismissed(): void;
}

export const emptyChat: ChatState = {
  sessionId: null,
  newChat: { ephemeral: false, system: null },
  opened: {},
  drafts: {},
  attached: {},
  edits: {},
  replies: {},
  sought: null,
  failure: null,
};

const nothingYet: ReplyProgress = {
  sent: null,
  attached: [],
  turnId: null,
  prefill: null,
  tokens: 0,
  paused: null,
  stopping: false,
};

const noTurns: readonly Turn[] = [];
const noDocuments: readonly string[] = [];

/** Under which key the drafts and replies of the chat on the screen are kept. */
export const keyOf = ({ sessionId }: ChatState): string => sessionId ?? unsent;
export const sessionOf = (state: ChatState): Session | null => state.opened[keyOf(state)] ?? null;
export const turnsOf = (state: ChatState): readonly Turn[] => sessionOf(state)?.turns ?? noTurns;
export const replyOf = (state: ChatState): ReplyProgress | null => state.replies[keyOf(state)] ?? null;
export const draftOf = (state: ChatState): string =>
  state.drafts[keyOf(state)] ?? sessionOf(state)?.draft ?? '';
export const attachedOf = (state: ChatState): readonly string[] =>
  state.attached[keyOf(state)] ?? noDocuments;
export const isEphemeral = (state: ChatState): boolean =>
  sessionOf(state)?.ephemeral ?? (state.sessionId === null && state.newChat.ephemeral);

export function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  const { [key]: _gone, ...rest } = record;
  return rest;
}

/** `turns` with `turn` in its place: that of its id, else below its parent, in place of the branch shown there. */
export function placed(turns: readonly Turn[], turn: Turn): readonly Turn[] {
  const at = turns.findIndex(({ id }) => id === turn.id);
  if (at >= 0) return turns.with(at, turn);
  const below = turn.parent === null ? 0 : turns.findIndex(({ id }) => id === turn.parent) + 1;
  return [...turns.slice(0, below), turn];
}

type Step = Partial<ChatState>;

function changedReply(state: ChatState, key: string, change: Partial<ReplyProgress>): Step {
  const reply = state.replies[key];
  return reply ? { replies: { ...state.replies, [key]: { ...reply, ...change } } } : {};
}

function changedTurns(
  state: ChatState,
  key: string,
  change: (turns: readonly Turn[]) => readonly Turn[],
): Step {
  const session = state.opened[key];
  return session ? { opened: { ...state.opened, [key]: { ...session, turns: change(session.turns) } } } : {};
}

/** After one item of a reply's stream; turns that the item does not name keep their identity. */
export function advanced(state: ChatState, key: string, item: ReplyItem): Step {
  switch (item.type) {
    case 'turn': {
      const named = item.turn.role === 'assistant' ? { turnId: item.turn.id } : {};
      return {
        ...changedTurns(state, key, (turns) => placed(turns, item.turn)),
        ...changedReply(state, key, { sent: null, ...named }),
      };
    }
    case 'prefill':
      return changedReply(state, key, { prefill: { done: item.done, total: item.total } });
    case 'text':
      return {
        ...changedTurns(state, key, (turns) =>
          turns.map((turn) => (turn.id === item.turnId ? { ...turn, text: turn.text + item.text } : turn)),
        ),
        ...changedReply(state, key, { prefill: null, tokens: item.tokens, paused: null }),
      };
    case 'paused':
      return changedReply(state, key, { paused: item.error });
    case 'resumed':
      return changedReply(state, key, { paused: null });
  }
}

/** A message that core never took goes back before what was typed since; a reply that broke off says so itself. */
function failedReply(state: ChatState, key: string, error: AppErrorValue): Step {
  const reply = state.replies[key];
  const replies = without(state.replies, key);
  const back = [reply?.sent, state.drafts[key]].filter(Boolean).join('\n\n');
  const drafts = reply?.sent ? { ...state.drafts, [key]: back } : state.drafts;
  const documents = new Set([...(reply?.sent ? reply.attached : []), ...(state.attached[key] ?? [])]);
  const attached = { ...state.attached, [key]: [...documents] };
  const writing = state.opened[key]?.turns.find(({ id }) => id === reply?.turnId);
  if (!writing) return { replies, drafts, attached, failure: error };
  const cut: Turn = { ...writing, status: 'cut', error };
  return { replies, ...changedTurns(state, key, (turns) => placed(turns, cut)) };
}

function begun(state: ChatState, session: Session): Step {
  const { sessionId, opened } = state;
  const { [unsent]: reply, ...rest } = state.replies;
  const { [unsent]: typed, ...drafts } = state.drafts;
  const { [unsent]: chosen, ...attached } = state.attached;
  return {
    sessionId: sessionId ?? session.id,
    opened: { ...opened, [session.id]: session },
    replies: reply ? { ...rest, [session.id]: reply } : rest,
    drafts: typed ? { ...drafts, [session.id]: typed } : drafts,
    attached: chosen ? { ...attached, [session.id]: chosen } : attached,
  };
}

/** Those that are being written behind the screen. */
const background = ({ opened, replies }: ChatState) =>
  Object.fromEntries(Object.entries(opened).filter(([id]) => replies[id]));

type Set = (step: Step | ((state: ChatState) => Step)) => void;

export function chatActions(set: Set): ChatActions {
  return {
    draftChanged: (draft) => set((state) => ({ drafts: { ...state.drafts, [keyOf(state)]: draft } })),
    attachedChanged: (attached) =>
      set((state) => ({ attached: { ...state.attached, [keyOf(state)]: attached } })),
    editChanged: (turn, text) =>
      set(({ edits }) => ({ edits: text === null ? without(edits, turn) : { ...edits, [turn]: text } })),
    systemChanged: (system) => set((state) => ({ newChat: { ...state.newChat, system } })),
    chatBegun: (ephemeral) =>
      set((state) => ({
        sessionId: null,
        newChat: { ephemeral, system: null },
        opened: background(state),
        failure: null,
      })),
    sessionBegun: (session) => set((state) => begun(state, session)),
    sessionOpened: (session, sought = null) =>
      set((state) => ({
        sessionId: session.id,
        // One that is being written is further here than on the disk.
        opened: { ...background(state), [session.id]: background(state)[session.id] ?? session },
        sought,
        failure: null,
      })),
    sessionRead: (session) =>
      set((state) =>
        state.opened[session.id] ? { opened: { ...state.opened, [session.id]: session } } : {},
      ),
    sessionGone: (session) =>
      set((state) => ({
        sessionId: state.sessionId === session ? null : state.sessionId,
        opened: without(state.opened, session),
        replies: without(state.replies, session),
        drafts: without(state.drafts, session),
        attached: without(state.attached, session),
      })),
    seen: () => set({ sought: null }),
    replyStarted: (key, sent, attached = noDocuments) =>
      set((state) => ({
        replies: { ...state.replies, [key]: { ...nothingYet, sent, attached } },
        attached: attached.length > 0 ? without(state.attached, key) : state.attached,
        // What is sent from elsewhere, an edited turn or an example, leaves what is being typed alone.
        drafts: draftOf(state).trim() === sent ? { ...state.drafts, [key]: '' } : state.drafts,
        failure: null,
      })),
    replyAdvanced: (key, item) => set((state) => advanced(state, key, item)),
    replyStopping: (key) => set((state) => changedReply(state, key, { stopping: true })),
    replyEnded: (session) =>
      set((state) => {
        const replies = without(state.replies, session.id);
        const opened =
          state.sessionId === session.id
            ? { ...state.opened, [session.id]: session }
            : without(state.opened, session.id);
        return { replies, opened };
      }),
    replyFailed: (key, error) => set((state) => failedReply(state, key, error)),
    failed: (failure) => set({ failure }),
    failureDismissed: () => set({ failure: null }),
  };
}
