/**
 * Reading in the background: one document at a time, in the order in which it was asked for, page or no page. What is
 * wanted stands in the database: after a kill, or with another model, it goes on by itself.
 */
import type { DocumentReading } from '../../shared/documents.ts';
import { AppError, type AppErrorValue, fromErrorValue, toErrorValue } from '../../shared/errors.ts';
import { cancelled } from '../aborting.ts';
import type { ModelInUse, Ready } from '../loaded-model.ts';
import type { Library } from './library.ts';
import { type ReadingProgress, readDocument } from './reading.ts';
import { hasRoom, noRoom } from './room.ts';

export interface Background {
  /** null: it is not being read at this moment. */
  running(document: string): Running | null;
  error(document: string): AppErrorValue | null;
  /** From now on it is wanted. */
  read(document: string): void;
  /** Resolves when nothing of it is being read any more. */
  pause(document: string): Promise<void>;
  /** Asks for its reading and waits for its end. Cancelled, a reading that nobody else wanted pauses. */
  whenRead(document: string, signal: AbortSignal, onProgress: OnProgress): Promise<void>;
  /** Something changed that it may have waited for. */
  goOn(): void;
  /** Reading rests while `work` runs. */
  aside<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

type Running = Pick<DocumentReading, 'tokensRead' | 'tokensPerSecond' | 'secondsLeft'>;
type OnProgress = (progress: ReadingProgress) => void;

export interface BackgroundOptions {
  readonly library: Library;
  readonly models: ModelInUse;
  /** What was wanted before this start is read on, too: a command reads only what it was given. */
  readonly resume: boolean;
  /** Does `work` on a document, whose states stay meanwhile. */
  hold<T>(document: string, work: () => Promise<T>): Promise<T>;
  /** It looks different. */
  changed(document: string): void;
  /** One more chunk has been kept. */
  grown(): void;
}

interface Current {
  readonly document: string;
  readonly stop: AbortController;
  readonly ended: Promise<unknown>;
  /** null: what is known of it has not been looked up yet. */
  seen: Running | null;
}

interface Waiter {
  readonly document: string;
  readonly onProgress: OnProgress;
  settle(error: AppErrorValue | null): void;
}

const tellMs = 250;
const againMs = 1000;
/** A document of which the engine dies so often, without a chunk in between, is not tried any more. */
const mostDeaths = 2;

export function createBackground(options: BackgroundOptions): Background {
  const { library, models, resume, hold, changed, grown } = options;
  const errors = new Map<string, AppErrorValue>();
  const waiters = new Set<Waiter>();
  /** Asked for since this start. */
  const asked = new Set<string>();
  let current: Current | null = null;
  let resting = 0;
  let working = false;
  let again = false;
  let closed = false;
  let deaths = 0;
  let later: NodeJS.Timeout | undefined;

  const next = () => library.allWanted().find((document) => resume || asked.has(document));

  function goOn(): void {
    again = true;
    if (working) return;
    working = true;
    void (async () => {
      while (again) {
        again = false;
        await work().catch((error) => console.error(`Reading rests: ${toErrorValue(error).message}`));
      }
      working = false;
    })();
  }

  /** Works off what is wanted, until something has to be waited for that calls `goOn`. */
  async function work(): Promise<void> {
    while (resting === 0 && !closed) {
      const document = next();
      if (document === undefined) return;
      // Why there is no model is told by the engine's status.
      const ready = await models.ready().catch(() => null);
      if (ready === null) return;
      // While it was waited for anything may have happened.
      if (resting > 0 || closed || next() !== document) continue;
      const stop = new AbortController();
      const ended = readOne(document, ready, stop);
      current = { document, stop, ended, seen: null };
      const mayGoOn = await ended;
      current = null;
      changed(document);
      if (!mayGoOn) return;
    }
  }

  /** false: the disk is full. */
  async function readOne(document: string, ready: Ready, stop: AbortController): Promise<boolean> {
    const { signal } = stop;
    const checkRoom = () => {
      if (!hasRoom(library.states, ready.loaded.stateBytes)) stop.abort(noRoom());
    };
    try {
      checkRoom();
      const onProgress = following(document, checkRoom);
      await hold(document, () => readDocument(library, ready, document, { signal, onProgress }));
      library.want(document, null);
      errors.delete(document);
      settle(document, null);
      return true;
    } catch (thrown) {
      const error = toErrorValue(signal.reason instanceof AppError ? signal.reason : thrown);
      if (error.code === 'disk-full') full(document);
      else if (error.code !== 'cancelled') failed(document, error, ready);
      return error.code !== 'disk-full';
    }
  }

  /** It stays wanted, and is tried again by itself. */
  function full(document: string): void {
    const error = toErrorValue(noRoom());
    errors.set(document, error);
    settle(document, error);
    clearTimeout(later);
    later = setTimeout(goOn, againMs).unref();
  }

  function following(document: string, kept: () => void): OnProgress {
    const began = performance.now();
    let first: ReadingProgress | null = null;
    let chunks = 0;
    let told = 0;
    return (progress) => {
      const { chunksRead, tokensRead, secondsLeft } = progress;
      first ??= progress;
      const now = performance.now();
      const fed = tokensRead - first.tokensRead;
      const tokensPerSecond = fed > 0 ? (1000 * fed) / (now - began) : null;
      if (current) current.seen = { tokensRead, tokensPerSecond, secondsLeft };
      for (const waiter of waiters) if (waiter.document === document) waiter.onProgress(progress);
      if (chunksRead > Math.max(chunks, first.chunksRead)) {
        deaths = 0;
        errors.delete(document);
        grown();
        kept();
      }
      chunks = chunksRead;
      if (now - told < tellMs) return;
      told = now;
      changed(document);
    };
  }

  function failed(document: string, error: AppErrorValue, ready: Ready): void {
    if (error.code === 'engine-gone') deaths += 1;
    // Where the model or the engine is gone it goes on with the next one, unless that is what they go of.
    if (models.now !== ready && deaths < mostDeaths) return;
    deaths = 0;
    errors.set(document, error);
    library.want(document, null);
    settle(document, error);
  }

  function settle(document: string, error: AppErrorValue | null): void {
    for (const waiter of [...waiters]) if (waiter.document === document) waiter.settle(error);
  }

  /** What is being read, of this document or of any, ends at once; it stays wanted. */
  async function stop(document = current?.document): Promise<void> {
    if (!current || current.document !== document) return;
    current.stop.abort();
    await current.ended;
  }

  function read(document: string): void {
    errors.delete(document);
    asked.add(document);
    if (!library.isWanted(document)) library.want(document, Date.now());
    goOn();
  }

  async function pause(document: string): Promise<void> {
    errors.delete(document);
    library.want(document, null);
    await stop(document);
    settle(document, cancelled());
  }

  return {
    running: (document) => (current?.document === document ? current.seen : null),
    error: (document) => errors.get(document) ?? null,
    read,
    pause,
    async whenRead(document, signal, onProgress) {
      if (signal.aborted) throw cancelled();
      const wasWanted = library.isWanted(document);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const waiter: Waiter = {
        document,
        onProgress,
        settle: (error) => (error ? reject(fromErrorValue(error)) : resolve()),
      };
      const giveUp = () => {
        reject(cancelled());
        if (!wasWanted) void pause(document).then(() => changed(document));
      };
      waiters.add(waiter);
      signal.addEventListener('abort', giveUp);
      try {
        read(document);
        await promise;
      } finally {
        waiters.delete(waiter);
        signal.removeEventListener('abort', giveUp);
      }
    },
    goOn,
    async aside(work) {
      resting += 1;
      try {
        await stop();
        return await work();
      } finally {
        resting -= 1;
        goOn();
      }
    },
    async close() {
      closed = true;
      clearTimeout(later);
      await stop();
      for (const waiter of [...waiters]) waiter.settle(cancelled());
    },
  };
}
