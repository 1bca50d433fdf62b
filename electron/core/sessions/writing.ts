/**
 * One reply, written: its state brought, its text told as it comes and on the disk within a second, its end with a
 * point and a checkpoint. A full disk makes it wait; a dead engine makes it go on once, from what was written.
 */
import type { ReplyItem, SamplingOptions, StopReason, TurnStats } from '../../shared/contract.ts';
import { toErrorValue } from '../../shared/errors.ts';
import { unlessAborted } from '../aborting.ts';
import { createDetokenizer } from '../detokenizer.ts';
import { generateIds, rate, stopReasonOf, stopStringOf } from '../generate-text.ts';
import type { Ready } from '../loaded-model.ts';
import type { Desk } from './desk.ts';
import { noTurn } from './found.ts';
import { freeState } from './hot.ts';
import { hashing, shownReply, targetOf } from './planning.ts';
import type { PointRow, TurnRow } from './rows.ts';
import { soon, whenRoom } from './saving.ts';
import { releasing, type Shelf } from './shelf.ts';
import { putPoint } from './states.ts';

type WritingDesk = Pick<Desk, 'states' | 'storage' | 'rates'>;

export interface ReplyJob {
  readonly shelf: Shelf;
  readonly session: string;
  readonly system: string | null;
  /** From the first turn to the one that is answered. */
  readonly path: readonly TurnRow[];
  /** The reply's turn: empty, or with what it is to go on from. */
  readonly reply: string;
  /** The model that is to write it, waited for while it is loaded. */
  ready(): Promise<Ready>;
  sampling(ready: Ready): SamplingOptions;
  readonly emit: (item: ReplyItem) => void;
  readonly signal: AbortSignal;
}

/** What all attempts at one reply add up to. */
interface Tally {
  readonly startedAt: number;
  firstAt: number | null;
  fed: number;
  fedMs: number;
  decoded: number;
  decodeMs: number;
  /** Ids that the reply had when it was first gone on with. */
  had: number | null;
}

/** Throws what ended the reply, which then is cut with that error. */
export async function writeReply(desk: WritingDesk, job: ReplyJob): Promise<void> {
  const { shelf, reply, signal } = job;
  const tally: Tally = {
    startedAt: performance.now(),
    firstAt: null,
    fed: 0,
    fedMs: 0,
    decoded: 0,
    decodeMs: 0,
    had: null,
  };
  for (let deaths = 0; ; ) {
    try {
      return await attempt(desk, job, tally);
    } catch (thrown) {
      const error = toErrorValue(thrown);
      if (error.code === 'engine-gone' && !signal.aborted && deaths++ === 0) continue;
      const stopped = signal.aborted && ['cancelled', 'disk-full', 'engine-gone'].includes(error.code);
      // Where there is no room for the end either, the next start cuts what was being written.
      if (error.code !== 'disk-full') {
        const stats = shelf.store.turn(reply)?.stats ?? (stopped ? nothingWritten : null);
        shelf.store.writeTurn(reply, { status: 'cut', stats, error: stopped ? null : error });
      }
      if (!stopped) throw thrown;
      return;
    }
  }
}

async function attempt({ states, storage, rates }: WritingDesk, job: ReplyJob, tally: Tally): Promise<void> {
  const { shelf, session, system, path, emit, signal } = job;
  const { store } = shelf;
  const save = <T>(write: () => T) => whenRoom(() => releasing(shelf, write), storage, emit, signal);

  const ready = await unlessAborted(signal, job.ready());
  const { tokenizer, fingerprint: model } = ready;
  const sampling = job.sampling(ready);
  const reply = store.turn(job.reply);
  if (!reply) throw noTurn();
  await save(() => {
    store.writeTurn(reply.id, { status: 'writing', sampling, model: ready.entry.id, error: null });
    store.changeSession(session, { model: ready.entry.id, updatedAt: Date.now() });
    store.putSetting(fingerprintSetting(ready.entry.id), model);
  });

  const onProgress = (done: number, total: number) => emit({ type: 'prefill', done, total });
  // It may have tokens and no text yet: a beginning of a character.
  const goingOn = reply.text !== '' || store.point(reply.id, model) !== null;
  const place = { ready, shelf, session, system, path: goingOn ? [...path, reply] : path };
  const { point, state, tokens, ms } = await states.stand(place, onProgress, signal);
  tally.fed += tokens;
  tally.fedMs += ms;
  if (tokens > 0) rates.prefill(tokens, ms);

  // From where the reply's ids count, and what of them is there already.
  const own = goingOn ? store.point(reply.id, model) : null;
  const from = own ? own.from : point.turn;
  const before: readonly number[] = own ? Array.from(own.ids) : [];
  tally.had ??= before.length;
  const spent = before.length - tally.had;
  const opening = targetOf(tokenizer, system, path).text;
  const openingHash = hashing(opening);
  const detokenizer = createDetokenizer(tokenizer, sampling.stop, before);
  const ids: number[] = [];
  let text = reply.text;

  const pointAfter = (shown: string): PointRow => ({
    turn: reply.id,
    model,
    from,
    ids: Int32Array.from([...before, ...ids]),
    tokens: point.tokens + ids.length,
    textLength: opening.length + shown.length,
    textHash: openingHash.copy().update(shown, 'utf16le').digest('hex'),
  });
  const saveText = () => {
    const said = text + detokenizer.held;
    if (said === '') return;
    releasing(shelf, () => {
      store.writeTurn(reply.id, { text: said });
      putPoint(store, pointAfter(tokenizer.inert(said)));
    });
  };
  const say = (piece: string) => {
    text += piece;
    if (piece) emit({ type: 'text', turnId: reply.id, text: piece, tokens: before.length + ids.length });
  };

  try {
    const result = await generate();
    say(detokenizer.end(stopStringOf(result)));
    const stopReason = stopReasonOf(result);
    const end = pointAfter(shownReply(tokenizer, text));
    const stats = statsOf(ready, tally, end, stopReason);
    await save(() => {
      store.writeTurn(reply.id, { text, status: stopReason === 'stop' ? 'whole' : 'cut', stats });
      store.changeSession(session, { updatedAt: Date.now() });
      // With a stop string the state has read more than was said.
      if (result.reason !== 'stop-string') putPoint(store, end);
    });
    if (result.reason === 'stop-string') await freeState(ready, state);
    else await states.arrived(ready, shelf, end, state);
  } catch (error) {
    if (toErrorValue(error).code === 'engine-gone') {
      say(detokenizer.end());
      await whenRoom(saveText, storage, emit, signal);
    } else await freeState(ready, state);
    throw error;
  }

  /** Until the reply ends; when the disk is full it waits with the state as it is, and goes on from there. */
  async function generate() {
    for (;;) {
      let failure: unknown = null;
      const stop = new AbortController();
      const saver = soon(saveText, (error) => {
        failure = error;
        stop.abort();
      });
      const request = {
        state,
        ids: [],
        sampling: {
          ...sampling,
          maxTokens: sampling.maxTokens - spent - ids.length,
          seed: sampling.seed === null ? null : sampling.seed + spent + ids.length,
        },
        signal: AbortSignal.any([signal, stop.signal]),
      };
      const result = await generateIds(ready, request, (more) => {
        tally.firstAt ??= performance.now();
        ids.push(...more);
        rates.token(ids.length, performance.now() - tally.startedAt);
        say(detokenizer.push(more));
        saver.dirty();
      }).finally(saver.stop);
      tally.decoded += Math.max(0, result.generatedTokens - 1);
      tally.decodeMs += result.decodeMs;
      if (failure === null) return result;
      await whenRoom(
        () => {
          if (toErrorValue(failure).code !== 'disk-full') throw failure;
          saveText();
        },
        storage,
        emit,
        signal,
      );
      if (stopReasonOf(result) !== 'cancelled' || signal.aborted) return result;
    }
  }
}

function statsOf(
  { loaded }: Ready,
  { startedAt, firstAt, fed, fedMs, decoded, decodeMs }: Tally,
  { ids, tokens }: PointRow,
  stopReason: StopReason,
): TurnStats {
  return {
    stopReason,
    promptTokens: fed,
    generatedTokens: ids.length,
    ttftMs: (firstAt ?? performance.now()) - startedAt,
    prefillTokensPerSecond: rate(fed, fedMs),
    decodeTokensPerSecond: rate(decoded, decodeMs),
    stateBytes: loaded.stateBytes + loaded.stateBytesPerToken * tokens,
    stateTokens: tokens,
  };
}

/** Of a reply that was stopped before its first token. */
const nothingWritten: TurnStats = {
  stopReason: 'cancelled',
  promptTokens: 0,
  generatedTokens: 0,
  ttftMs: 0,
  prefillTokensPerSecond: null,
  decodeTokensPerSecond: null,
  stateBytes: 0,
  stateTokens: 0,
};

/** Under which setting it is remembered what a model's points are called, for when it is not loaded. */
export const fingerprintSetting = (model: string) => `fingerprint of ${model}`;
