/**
 * One reply, written: its state brought, its text told as it comes and on the disk within a second, its end with a
 * point and a checkpoint. A full disk makes it wait; a dead engine makes it go on once, from what was written.
 */
import type { ReplyItem, SamplingOptions } from '../../shared/contract.ts';
import type { GenerateResult } from '../../shared/engine-contract.ts';
import { toErrorValue } from '../../shared/errors.ts';
import { unlessAborted } from '../aborting.ts';
import { generateIds, stopReasonOf, stopStringOf } from '../generate-text.ts';
import type { Ready } from '../loaded-model.ts';
import type { Desk } from './desk.ts';
import { noTurn } from './found.ts';
import { type GrowingReply, growingReply } from './growing.ts';
import { freeState } from './hot.ts';
import { fingerprintSetting } from './model-of-session.ts';
import { targetOf } from './planning.ts';
import type { PointRow, TurnRow } from './rows.ts';
import { soon, whenRoom } from './saving.ts';
import { releasing, type Shelf } from './shelf.ts';
import { putPoint } from './states.ts';
import { addDecoded, newTally, nothingWritten, statsOf, type Tally } from './tally.ts';

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

/** Throws what ended the reply, which then is cut with that error. */
export async function writeReply(desk: WritingDesk, job: ReplyJob): Promise<void> {
  const { shelf, reply, signal } = job;
  const tally = newTally();
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

async function attempt(desk: WritingDesk, job: ReplyJob, tally: Tally): Promise<void> {
  const { shelf, session, emit, signal } = job;
  const { store } = shelf;
  const ready = await unlessAborted(signal, job.ready());
  const sampling = job.sampling(ready);
  const save = (write: () => void) => whenRoom(() => releasing(shelf, write), desk.storage, emit, signal);
  await save(() => {
    store.writeTurn(job.reply, { status: 'writing', sampling, model: ready.entry.id, error: null });
    store.changeSession(session, { model: ready.entry.id, updatedAt: Date.now() });
    store.putSetting(fingerprintSetting(ready.entry.id), ready.fingerprint);
  });

  const { reply, state } = await begin(desk, job, ready, sampling, tally);
  const say = (piece: string) => {
    if (piece) emit({ type: 'text', turnId: job.reply, text: piece, tokens: reply.tokens });
  };
  const saveText = () => {
    if (reply.said === '') return;
    store.writeTurn(job.reply, { text: reply.said });
    putPoint(store, reply.pointSaid());
  };
  let end: { readonly point: PointRow; readonly stands: boolean };
  try {
    end = await finish(await generate());
  } catch (error) {
    say(reply.end(null));
    await freeState(ready, state);
    await save(saveText);
    throw error;
  }
  if (end.stands) await desk.states.arrived(ready, shelf, end.point, state);
  else await freeState(ready, state);

  async function finish(result: GenerateResult) {
    say(reply.end(stopStringOf(result)));
    const stopReason = stopReasonOf(result);
    const point = reply.pointAtEnd();
    // With a stop string the state has read more than was said: there is no point for it.
    const stands = result.reason !== 'stop-string';
    await save(() => {
      const status = stopReason === 'stop' ? 'whole' : 'cut';
      const stats = statsOf(ready.loaded, tally, reply.tokens, point.tokens, stopReason);
      store.writeTurn(job.reply, { text: reply.text, status, stats });
      store.changeSession(session, { updatedAt: Date.now() });
      if (stands) putPoint(store, point);
    });
    return { point, stands };
  }

  /** Until the reply ends; when the disk is full it waits with the state as it is, and goes on from there. */
  async function generate(): Promise<GenerateResult> {
    for (;;) {
      let failure: unknown = null;
      const stop = new AbortController();
      const saver = soon(
        () => releasing(shelf, saveText),
        (error) => {
          failure = error;
          stop.abort();
        },
      );
      const spent = reply.tokens - (tally.had ?? 0);
      const { maxTokens, seed } = sampling;
      const rest = { maxTokens: maxTokens - spent, seed: seed === null ? null : seed + spent };
      const request = {
        state,
        ids: [],
        sampling: { ...sampling, ...rest },
        signal: AbortSignal.any([signal, stop.signal]),
      };
      const result = await generateIds(ready, request, (ids) => {
        const piece = reply.push(ids);
        tally.firstAt ??= performance.now();
        desk.rates.token(reply.tokens - reply.had, performance.now() - tally.startedAt);
        say(piece);
        saver.dirty();
      }).finally(saver.stop);
      addDecoded(tally, result);
      if (failure === null) return result;
      if (toErrorValue(failure).code !== 'disk-full') throw failure;
      await save(saveText);
      if (stopReasonOf(result) !== 'cancelled' || signal.aborted) return result;
    }
  }
}

/** Brings the state that the reply grows from, and what of the reply is there already. */
async function begin(
  { states, rates }: WritingDesk,
  { shelf, session, system, path, reply: turn, emit, signal }: ReplyJob,
  ready: Ready,
  { stop }: SamplingOptions,
  tally: Tally,
): Promise<{ reply: GrowingReply; state: number }> {
  const { store } = shelf;
  const { tokenizer, fingerprint: model } = ready;
  const row = store.turn(turn);
  if (!row) throw noTurn();
  // It may have tokens and no text yet: the beginning of a character.
  const begun = row.text !== '' || store.point(turn, model) !== null;
  const { point, state, tokens, ms } = await states.stand(
    { ready, shelf, session, system, path: begun ? [...path, row] : path },
    (done, total) => emit({ type: 'prefill', done, total }),
    signal,
  );
  tally.fed += tokens;
  tally.fedMs += ms;
  if (tokens > 0) rates.prefill(tokens, ms);
  const reply = growingReply({
    tokenizer,
    turn,
    model,
    opening: targetOf(tokenizer, system, path).text,
    at: point,
    own: begun ? store.point(turn, model) : null,
    text: row.text,
    stop,
  });
  tally.had ??= reply.had;
  return { reply, state };
}
