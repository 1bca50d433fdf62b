/**
 * The contract between the app's interface (renderer, browser, command line) and core: calls, streams, events.
 * Everything is JSON. Counts are tokens, times ms, rates tokens a second, sizes bytes. Params are validated where they
 * arrive, by the schemas in schemas.ts. `shell.*` calls are answered by the host (Electron or the headless server),
 * everything else by core.
 */
import type { Device, ModelInfo } from '../../native-mlx/addon.ts';
import type { CompareItem, CompareRequest, CompareRun, Pair, SideItem, SideResult } from './compare.ts';
import type {
  Answer,
  AnswerItem,
  DocumentEntry,
  DocumentList,
  DocumentPage,
  Exchange,
  LengthPoint,
  Recall,
  Summary,
  SummaryItem,
  SummaryRequest,
} from './documents.ts';
import type { AppErrorValue } from './errors.ts';
import type {
  CatalogueCard,
  Conversion,
  LedgerEntry,
  ModelTask,
  NetworkState,
  Recognised,
} from './models.ts';
import type {
  ExportFormat,
  Folder,
  Preset,
  ReplyItem,
  SamplingOptions,
  SearchHit,
  Session,
  SessionChange,
  SessionList,
  SessionSummary,
  Storage,
} from './sessions.ts';

export type * from './compare.ts';
export type * from './documents.ts';
export type * from './models.ts';
export type * from './sessions.ts';

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
  /** What that was measured by, rising; empty when unknown. */
  readonly lengthProbe: readonly LengthPoint[];
  readonly defaultSystem: string | null;
  readonly sampling: SamplingOptions;
}

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
    'models.catalogue': { params: None; result: readonly CatalogueCard[] };
    'models.tasks': { params: None; result: readonly ModelTask[] };
    /** Gives the task. A paused or failed download of that model goes on where it stopped. */
    'models.download': { params: { model: string }; result: ModelTask };
    'models.recognise': { params: { path: string }; result: Recognised };
    'models.import': { params: { path: string; conversion?: Conversion }; result: ModelTask };
    /** Fetches and imports the embedded model's twin. */
    'models.addTwin': { params: None; result: ModelTask };
    'models.verify': { params: { id: string }; result: ModelTask };
    /** What removing it would give back: less than its size where its files have names elsewhere. */
    'models.freed': { params: { id: string }; result: { freedBytes: number } };
    'models.remove': { params: { id: string }; result: { freedBytes: number } };
    'tasks.pause': { params: { task: string }; result: ModelTask };
    'tasks.resume': { params: { task: string }; result: ModelTask };
    /** What was fetched or written for it goes too. */
    'tasks.cancel': { params: { task: string }; result: None };
    'network.state': { params: None; result: NetworkState };
    'network.ledger': { params: { before?: number; limit?: number }; result: readonly LedgerEntry[] };
    'network.offline': { params: { offline: boolean }; result: NetworkState };
    'network.hub': { params: { address: string }; result: NetworkState };
    /** null forgets it. Kept in the system's keychain where there is one, else only until the app ends. */
    'network.token': { params: { token: string | null }; result: NetworkState };
    'sessions.list': { params: None; result: SessionList };
    'sessions.create': {
      params: { system: string | null; ephemeral?: boolean; folder?: string | null; preset?: string | null };
      result: Session;
    };
    'sessions.get': { params: { session: string }; result: Session };
    'sessions.change': { params: { session: string; change: SessionChange }; result: Session };
    /** Ends what is being written in it. Gone for good after an hour; an ephemeral one at once. */
    'sessions.delete': { params: { session: string }; result: None };
    'sessions.restore': { params: { session: string }; result: Session };
    /** The whole tree once more. */
    'sessions.duplicate': { params: { session: string }; result: Session };
    /** A new session of the turns up to `turn`. Its states are shared, not copied. */
    'sessions.fork': { params: { session: string; turn: string }; result: Session };
    'sessions.search': { params: { query: string; limit?: number }; result: readonly SearchHit[] };
    /** Shows the branch through `turn`, down to where it was last written. */
    'turns.select': { params: { session: string; turn: string }; result: Session };
    /** A sibling of a reply, in the user's words. */
    'turns.edit': { params: { session: string; turn: string; text: string }; result: Session };
    /** With all that hangs below; for an hour it can come back. */
    'turns.delete': { params: { session: string; turn: string }; result: Session };
    'turns.restore': { params: { session: string; turn: string }; result: Session };
    'folders.save': { params: { id: string | null; name: string }; result: Folder };
    /** Its sessions move out of it. */
    'folders.remove': { params: { id: string }; result: None };
    'presets.save': { params: Preset; result: None };
    'presets.remove': { params: { name: string }; result: None };
    /** What was typed where no session is open. */
    'drafts.save': { params: { text: string }; result: None };
    'storage.get': { params: None; result: Storage };
    /** Thins at once when there is more than that. */
    'storage.budget': { params: { bytes: number }; result: Storage };
    /** A file to import, in pieces of at most 8 MiB, base64. */
    'imports.begin': { params: { name: string }; result: { import: string } };
    'imports.add': { params: { import: string; data: string }; result: None };
    /** What came of it is removed. */
    'imports.cancel': { params: { import: string }; result: None };
    'imports.finish': { params: { import: string }; result: Session };
    'documents.list': { params: None; result: DocumentList };
    /** A file by its path, or one whose pieces came by imports.begin and imports.add; known again by its content. */
    'documents.add': { params: { path: string } | { import: string }; result: DocumentEntry };
    'documents.remove': { params: { document: string }; result: { freedBytes: number } };
    /** At most 50 pages at once. */
    'documents.pages': {
      params: { document: string; first: number; last: number };
      result: readonly DocumentPage[];
    };
    /** Reads on in the background, page or no page; told by document.changed. */
    'documents.read': { params: { document: string }; result: DocumentEntry };
    'documents.pause': { params: { document: string }; result: DocumentEntry };
    /** Those that were written of it, latest first. */
    'documents.summaries': { params: { document: string }; result: readonly Summary[] };
    'documents.removeSummary': { params: { summary: string }; result: None };
    'documents.budget': { params: { bytes: number }; result: DocumentList };
    /** Of the model in use; null: never measured here. */
    'recall.latest': { params: None; result: Recall | null };
    'compare.pairs': { params: None; result: readonly Pair[] };
    /** Latest first. */
    'compare.runs': { params: None; result: readonly CompareRun[] };
    'compare.remove': { params: { run: string }; result: None };
    'metrics.latest': { params: None; result: Metrics };
    'shell.openExternal': { params: { url: string }; result: None };
    /** The dialog for a model's folder or file; null: cancelled. */
    'shell.chooseModel': { params: None; result: { path: string } | null };
    'shell.theme': { params: { theme: 'system' | 'light' | 'dark' }; result: None };
  };
  streams: {
    /**
     * A new user turn and its reply. `parent`: after which turn, null for the session's start; left out: after the last
     * of the active branch. To edit a user's turn is to send in its place: its parent, another text. `documents`: of the
     * library, their text before the message's own (attachments.ts).
     */
    'sessions.send': {
      params: {
        session: string;
        text: string;
        documents?: readonly string[];
        parent?: string | null;
        sampling?: Partial<SamplingOptions>;
      };
      item: ReplyItem;
      result: Session;
    };
    /** One more reply to a user's turn, from the state at its end: where that is kept, nothing is read. */
    'turns.reply': {
      params: { session: string; turn: string; sampling?: Partial<SamplingOptions> };
      item: ReplyItem;
      result: Session;
    };
    /** Goes on with a reply that was cut; one that was gone on from already is continued in a sibling. */
    'turns.continue': {
      params: { session: string; turn: string; sampling?: Partial<SamplingOptions> };
      item: ReplyItem;
      result: Session;
    };
    /** Brings the state at the end of the active branch into memory; after a change of model by reading it all. */
    'sessions.prepare': {
      params: { session: string };
      item: { readonly done: number; readonly total: number };
      result: Session;
    };
    /** The file in pieces, base64. */
    'sessions.export': {
      params: { session: string; format: ExportFormat };
      item: { readonly data: string };
      result: { readonly name: string; readonly bytes: number };
    };
    /** Reads first what is unread. Cancelled, its notes are kept and used next time. */
    'documents.summarize': {
      params: { document: string } & SummaryRequest;
      item: SummaryItem;
      result: Summary;
    };
    /** `documents` null: the library. Asks what was read; reads nothing. */
    'documents.ask': {
      params: { documents: readonly string[] | null; question: string; thread?: readonly Exchange[] };
      item: AnswerItem;
      result: Answer;
    };
    'recall.run': {
      params: None;
      item: { readonly done: number; readonly total: number };
      result: Recall;
    };
    /** Nothing else runs meanwhile: other work is refused as `busy`. Cancelled, the run so far is the result, and kept. */
    'compare.run': { params: CompareRequest; item: CompareItem; result: CompareRun };
    'compare.side': {
      params: { models: readonly string[]; prompt: string; maxTokens: number };
      item: SideItem;
      result: readonly SideResult[];
    };
  };
  events: {
    'engine.status': EngineStatus;
    metrics: Metrics;
    /** Whatever changed of a session that is in the list, or that came into it. */
    'session.changed': SessionSummary;
    'session.gone': { readonly session: string };
    storage: Storage;
    'document.changed': DocumentEntry;
    'document.gone': { readonly document: string };
    'model.task': ModelTask;
    'models.changed': Record<string, never>;
    network: NetworkState;
  };
}
