/**
 * The contract between the app's interface (renderer, browser, command line) and core: calls, streams, events.
 * Everything is JSON. Counts are tokens, times ms, rates tokens a second, sizes bytes. Params are validated where they
 * arrive, by the schemas in schemas.ts. `shell.*` calls are answered by the host (Electron or the headless server),
 * everything else by core.
 */
import type { Device, ModelInfo } from '../../native-mlx/addon.ts';
import type { AppErrorValue } from './errors.ts';

export interface AppInfo {
  readonly version: string;
  readonly host: 'electron' | 'browser' | 'cli';
  readonly platform: string;
  readonly device: Device;
}

/** A model on this disk, before it is loaded. */
export interface ModelEntry {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly weightBytes: number;
  readonly embedded: boolean;
}

/** What the engine knows of the loaded model, with what the model's own files say beside the weights. */
export interface LoadedModel extends Omit<ModelInfo, 'format' | 'fingerprint'> {
  readonly id: string;
  /** Tokens of unbroken text up to which its perplexity was measured to stay flat; null when unknown. */
  readonly safeLength: number | null;
  readonly defaultSystem: string | null;
  readonly sampling: SamplingOptions;
}

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

export interface Turn {
  readonly id: string;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** Of an assistant's turn; null while it is being written. */
  readonly stats: TurnStats | null;
  readonly error: AppErrorValue | null;
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

export interface Session {
  readonly id: string;
  readonly system: string | null;
  readonly turns: readonly Turn[];
  /** Set while a reply is being written. */
  readonly writing: boolean;
}

export type ReplyItem =
  | { readonly type: 'turn'; readonly turn: Turn }
  | { readonly type: 'prefill'; readonly done: number; readonly total: number }
  | { readonly type: 'text'; readonly turnId: string; readonly text: string; readonly tokens: number };

/** Four times a second while somebody listens. */
export interface Metrics {
  readonly at: number;
  readonly weightBytes: number;
  readonly stateBytes: number;
  readonly stateCount: number;
  readonly activeBytes: number;
  readonly cacheBytes: number;
  readonly peakBytes: number;
  readonly footprintBytes: number;
  readonly thermal: string;
  readonly decodeTokensPerSecond: number | null;
  readonly prefillTokensPerSecond: number | null;
  readonly ttftMs: number | null;
}

export type EngineStatus =
  | { readonly phase: 'starting' }
  | { readonly phase: 'idle' }
  | { readonly phase: 'loading'; readonly model: string; readonly done: number; readonly total: number }
  | { readonly phase: 'ready'; readonly model: LoadedModel }
  /** The engine process died and is being started again; `error` is what the interrupted caller got. */
  | { readonly phase: 'restarting'; readonly error: AppErrorValue }
  | { readonly phase: 'failed'; readonly error: AppErrorValue };

type None = Record<string, never>;

export interface Contract {
  calls: {
    'app.info': { params: None; result: AppInfo };
    'engine.status': { params: None; result: EngineStatus };
    'models.list': { params: None; result: readonly ModelEntry[] };
    'models.load': { params: { id: string }; result: LoadedModel };
    'sessions.create': { params: { system: string | null }; result: Session };
    'sessions.get': { params: { session: string }; result: Session };
    'sessions.close': { params: { session: string }; result: None };
    'metrics.latest': { params: None; result: Metrics };
    'shell.openExternal': { params: { url: string }; result: None };
    'shell.theme': { params: { theme: 'system' | 'light' | 'dark' }; result: None };
  };
  streams: {
    /** The reply to a new user turn. */
    'sessions.send': {
      params: { session: string; text: string; sampling?: Partial<SamplingOptions> };
      item: ReplyItem;
      result: Session;
    };
    /** The last reply once more, from the checkpoint before it: nothing is read again. */
    'sessions.retry': {
      params: { session: string; sampling?: Partial<SamplingOptions> };
      item: ReplyItem;
      result: Session;
    };
  };
  events: {
    'engine.status': EngineStatus;
    metrics: Metrics;
  };
}
