/** What sessions look like from outside: the nouns of the `sessions`, `turns`, `folders`, `presets` and `storage` calls. */
import type { AppErrorValue } from './errors.ts';

export interface SamplingOptions {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly repetitionPenalty: number;
  readonly maxTokens: number;
  /** null: a new one each time. */
  readonly seed: number | null;
  readonly stop: readonly string[];
}

/**
 * One message of the tree that a session is. Every reply hangs below the user's turn that it answers; several replies to
 * one turn, or several turns after one reply, are branches.
 */
export interface Turn {
  readonly id: string;
  /** null: it begins the session. */
  readonly parent: string | null;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** cut: stopped, out of tokens or killed before its end; it can be continued. */
  readonly status: 'writing' | 'whole' | 'cut';
  /** A reply whose words the user wrote. */
  readonly edited: boolean;
  /** Turns with the same parent, this one among them, oldest first. */
  readonly siblings: readonly string[];
  /** What it takes to stand at the end of this turn again. */
  readonly resume: Resume;
  /** Of a reply that the model wrote. */
  readonly stats: TurnStats | null;
  readonly error: AppErrorValue | null;
  /** ms since 1970, as every time here. */
  readonly createdAt: number;
}

/** Tokens to be read first; 0: the state is kept. Estimated from the text where this model never read it. */
export interface Resume {
  readonly tokens: number;
  readonly exact: boolean;
}

export interface TurnStats {
  readonly stopReason: StopReason;
  readonly promptTokens: number;
  readonly generatedTokens: number;
  readonly ttftMs: number;
  readonly prefillTokensPerSecond: number | null;
  readonly decodeTokensPerSecond: number | null;
  readonly stateBytes: number;
  /** Tokens in the state after the turn. */
  readonly stateTokens: number;
}

export type StopReason = 'stop' | 'length' | 'cancelled';

/** A session in the list. */
export interface SessionSummary {
  readonly id: string;
  /** '' until there is something to name it by. */
  readonly title: string;
  readonly folder: string | null;
  readonly pinned: boolean;
  readonly archived: boolean;
  /** Never on the disk: gone when it is closed. */
  readonly ephemeral: boolean;
  /** The model it was last written with; null: the one that is loaded. */
  readonly model: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Set while a reply is being written. */
  readonly writing: boolean;
}

/** A session opened: its turns are those of the active branch, from the first to the last. */
export interface Session extends SessionSummary {
  readonly system: string | null;
  /** In place of the model's defaults. */
  readonly sampling: Partial<SamplingOptions>;
  readonly preset: string | null;
  /** What was typed and not yet sent. */
  readonly draft: string;
  readonly turns: readonly Turn[];
}

/** What may be changed of a session; what is left out stays. */
export interface SessionChange {
  readonly title?: string;
  readonly folder?: string | null;
  readonly pinned?: boolean;
  readonly archived?: boolean;
  readonly system?: string | null;
  readonly sampling?: Partial<SamplingOptions>;
  readonly preset?: string | null;
  readonly model?: string | null;
  readonly draft?: string;
}

export interface Folder {
  readonly id: string;
  readonly name: string;
}

/** System line and sampling under a name. */
export interface Preset {
  readonly name: string;
  readonly system: string | null;
  readonly sampling: Partial<SamplingOptions>;
}

export interface SessionList {
  readonly sessions: readonly SessionSummary[];
  readonly folders: readonly Folder[];
  readonly presets: readonly Preset[];
  /** Typed where no session was open yet. */
  readonly draft: string;
}

export interface SearchHit {
  readonly session: string;
  readonly title: string;
  /** null: the title itself was found. */
  readonly turn: string | null;
  /** Pieces of the found text, those that match marked. */
  readonly snippet: readonly { readonly text: string; readonly match: boolean }[];
  readonly at: number;
}

export type ReplyItem =
  | { readonly type: 'turn'; readonly turn: Turn }
  | { readonly type: 'prefill'; readonly done: number; readonly total: number }
  | { readonly type: 'text'; readonly turnId: string; readonly text: string; readonly tokens: number }
  /** The disk is full: the reply waits for room, and goes on by itself. */
  | { readonly type: 'paused'; readonly error: AppErrorValue }
  | { readonly type: 'resumed' };

export type ExportFormat = 'markdown' | 'json' | 'llamba';

/** Where sessions are kept, and how it goes with it. */
export interface Storage {
  /** opening: not yet; ready; full: no room, tried again by itself; elsewhere: another Llamba has it open. */
  readonly phase: 'opening' | 'ready' | 'full' | 'elsewhere' | 'failed';
  readonly error: AppErrorValue | null;
  /** Files found damaged and set aside, with what was said of them; newest last. */
  readonly damaged: readonly { readonly path: string; readonly error: AppErrorValue; readonly at: number }[];
  readonly checkpointBytes: number;
  readonly checkpointCount: number;
  readonly checkpointBudgetBytes: number;
  readonly freeBytes: number | null;
}
