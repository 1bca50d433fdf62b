/** The conversation on the screen: its state and the pure steps that change it. Nothing here knows how core is reached. */
import type { ReplyItem, Session, Turn } from '../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../electron/shared/errors.ts';

export interface ReplyProgress {
  /** The message until core has taken it into the session; null after that, and on a retry. */
  readonly sent: string | null;
  /** null until the first item names the turn. */
  readonly turnId: string | null;
  /** Tokens of the prompt read so far; null when nothing is left to read. */
  readonly prefill: { readonly done: number; readonly total: number } | null;
  /** Tokens written so far. */
  readonly tokens: number;
  /** The user has asked for the end, which comes within a token. */
  readonly stopping: boolean;
}

export interface ChatState {
  /** null before the first message: a session begins with it. */
  readonly sessionId: string | null;
  readonly draft: string;
  /** null: the model's own system prompt. */
  readonly system: string | null;
  readonly turns: readonly Turn[];
  /** Set while a reply is being written. */
  readonly reply: ReplyProgress | null;
  /** What went wrong outside of a turn. */
  readonly failure: AppErrorValue | null;
}

export interface ChatActions {
  draftChanged(draft: string): void;
  systemChanged(system: string | null): void;
  chatCleared(): void;
  sessionOpened(session: Session): void;
  /** Core no longer knows the session; its text stays on the screen. */
  sessionGone(): void;
  replyStarted(text: string): void;
  retryStarted(): void;
  replyAdvanced(item: ReplyItem): void;
  replyStopping(): void;
  replyEnded(session: Session): void;
  replyFailed(error: AppErrorValue): void;
  failed(error: AppErrorValue): void;
  failureDismissed(): void;
}

export const emptyChat: ChatState = {
  sessionId: null,
  draft: '',
  system: null,
  turns: [],
  reply: null,
  failure: null,
};

const nothingYet: ReplyProgress = { sent: null, turnId: null, prefill: null, tokens: 0, stopping: false };

const ofSession = (session: Session) => ({
  sessionId: session.id,
  system: session.system,
  turns: session.turns,
});

/** `turns` with `turn` in its place: that of its id, else that of the reply it is written instead of, else the end. */
function placed(turns: readonly Turn[], turn: Turn): readonly Turn[] {
  const at = turns.findIndex((t) => t.id === turn.id);
  if (at >= 0) return turns.with(at, turn);
  const instead = turn.role === 'assistant' && turns.at(-1)?.role === 'assistant';
  return [...(instead ? turns.slice(0, -1) : turns), turn];
}

/** The state after one item of a reply's stream; turns that the item does not name keep their identity. */
export function advanced(state: ChatState, item: ReplyItem): Partial<ChatState> {
  const reply = state.reply ?? nothingYet;
  switch (item.type) {
    case 'turn': {
      const turnId = item.turn.role === 'assistant' ? item.turn.id : reply.turnId;
      return { turns: placed(state.turns, item.turn), reply: { ...reply, sent: null, turnId } };
    }
    case 'prefill':
      return { reply: { ...reply, prefill: { done: item.done, total: item.total } } };
    case 'text': {
      const turn = state.turns.find((t) => t.id === item.turnId);
      if (!turn) return {};
      return {
        turns: placed(state.turns, { ...turn, text: turn.text + item.text }),
        reply: { ...reply, turnId: turn.id, prefill: null, tokens: item.tokens },
      };
    }
  }
}

/**
 * A message that core never took goes back to where it was written; a reply that broke off keeps its text and says so
 * itself; a retry that never began leaves the old reply as it is.
 */
function failedReply({ turns, reply, draft }: ChatState, error: AppErrorValue): Partial<ChatState> {
  const last = turns.at(-1);
  if (reply?.sent || !last) return { reply: null, failure: error, draft: draft || (reply?.sent ?? '') };
  if (last.role === 'user') {
    const broken: Turn = { id: `${last.id}-reply`, role: 'assistant', text: '', stats: null, error };
    return { reply: null, turns: [...turns, broken] };
  }
  if (last.id !== reply?.turnId) return { reply: null, failure: error };
  return { reply: null, turns: placed(turns, { ...last, error }) };
}

type Set = (step: Partial<ChatState> | ((state: ChatState) => Partial<ChatState>)) => void;

export function chatActions(set: Set): ChatActions {
  return {
    draftChanged: (draft) => set({ draft }),
    systemChanged: (system) => set({ system }),
    chatCleared: () => set((state) => ({ ...emptyChat, draft: state.draft })),
    sessionOpened: (session) => set(ofSession(session)),
    sessionGone: () => set({ sessionId: null, reply: null }),
    replyStarted: (sent) => set({ reply: { ...nothingYet, sent }, failure: null, draft: '' }),
    retryStarted: () => set({ reply: nothingYet, failure: null }),
    replyAdvanced: (item) => set((state) => advanced(state, item)),
    replyStopping: () => set((state) => (state.reply ? { reply: { ...state.reply, stopping: true } } : {})),
    replyEnded: (session) => set({ ...ofSession(session), reply: null }),
    replyFailed: (error) => set((state) => failedReply(state, error)),
    failed: (failure) => set({ failure }),
    failureDismissed: () => set({ failure: null }),
  };
}
