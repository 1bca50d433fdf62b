/**
 * A state that stands at the end of a turn: shared with one that the engine holds, or from its file, or read again from
 * the nearest state before it, id for id; only text that was never read there is encoded.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, toErrorValue } from '../../shared/errors.ts';
import { unlessAborted } from '../aborting.ts';
import type { Ready } from '../loaded-model.ts';
import { setAside } from './files.ts';
import { freeState, type Hot } from './hot.ts';
import type { Keeping } from './keeping.ts';
import { hashing, type Start, startOf, type Target, targetOf } from './planning.ts';
import type { PointHead, PointRow, Store, TurnRow } from './rows.ts';
import { releasing, type Shelf } from './shelf.ts';
import type { KeptStorage } from './storage.ts';

export interface Place {
  readonly ready: Ready;
  readonly shelf: Shelf;
  readonly session: string;
  readonly system: string | null;
  /** From the first turn of the session to the one at whose end to stand. */
  readonly path: readonly TurnRow[];
}

export interface Stood {
  readonly point: PointHead;
  /** The caller's own. */
  readonly state: number;
  /** Tokens that were fed to get there, and how long that took. */
  readonly tokens: number;
  readonly ms: number;
}

type OnProgress = (done: number, total: number) => void;

export interface States {
  /** Several that want a state of one session come one after the other. */
  stand(place: Place, onProgress: OnProgress, signal: AbortSignal): Promise<Stood>;
  /** A state has come to stand at the point, which is written: it is held from now on, and kept on the disk. */
  arrived(ready: Ready, shelf: Shelf, point: PointHead, state: number): Promise<void>;
}

export function createStates(hot: Hot, keeping: Keeping, storage: KeptStorage): States {
  /** Sessions of which a state is being brought, and who wants to hear how far it is. */
  const underWay = new Map<string, { readonly listeners: OnProgress[]; readonly done: Promise<unknown> }>();

  async function stand(place: Place, onProgress: OnProgress, signal: AbortSignal): Promise<Stood> {
    const { session } = place;
    for (let other = underWay.get(session); other; other = underWay.get(session)) {
      other.listeners.push(onProgress);
      await unlessAborted(signal, other.done);
    }
    const listeners = [onProgress];
    const bringing = bring(
      place,
      (done, total) => {
        for (const listener of listeners) listener(done, total);
      },
      signal,
    ).finally(() => underWay.delete(session));
    underWay.set(session, { listeners, done: bringing.catch(() => undefined) });
    return bringing;
  }

  async function bring(place: Place, onProgress: OnProgress, signal: AbortSignal): Promise<Stood> {
    const { ready, shelf, session, system, path } = place;
    const { fingerprint } = ready;
    const target = targetOf(ready.tokenizer, system, path);
    const ids = new Set(path.map(({ id }) => id));
    /** Points whose ids do not add up, and files that are lost. */
    const broken = new Set<string>();
    for (;;) {
      const files = new Map(
        shelf.store
          .checkpoints(session, fingerprint)
          .filter(({ file }) => !broken.has(file))
          .map(({ turn, file }) => [turn, file]),
      );
      const start = startOf(
        target,
        shelf.store.points(session, fingerprint).filter(({ turn }) => ids.has(turn) && !broken.has(turn)),
        (point) => hot.has(ready, point) || files.has(point.turn),
      );
      const chain = idsAlong(shelf, start);
      if (chain === null) {
        broken.add(start.end?.turn ?? '');
        continue;
      }
      const file = start.base && files.get(start.base.turn);
      const base = await baseState(place, start.base, file ?? null);
      if (base !== null) return goOn(place, target, start, base, chain, onProgress, signal);
      if (file) broken.add(file);
    }
  }

  /** null: it is lost. */
  async function baseState(
    { ready, shelf }: Place,
    base: PointHead | null,
    file: string | null,
  ): Promise<number | null> {
    const { rpc, model } = ready;
    if (!base) return (await rpc.call('state.create', { model, private: shelf.states === null })).state;
    const shared = await hot.fork(ready, base);
    if (shared !== null || file === null || shelf.states === null) return shared;
    const loaded = await load(ready, join(shelf.states, file), base);
    if (loaded === null) {
      tolerateFull(() => releasing(shelf, () => shelf.store.dropFiles([file])));
      storage.changed();
      return null;
    }
    tolerateFull(() => shelf.store.usedCheckpoint(base.turn, base.model, Date.now()));
    const { state } = await rpc.call('state.fork', { state: loaded });
    await hot.put(ready, base, loaded);
    return state;
  }

  /** null: there is no such state in the file. One that is damaged is set aside. */
  async function load(ready: Ready, path: string, point: PointHead): Promise<number | null> {
    try {
      const { state, note } = await ready.rpc.call('state.load', { model: ready.model, path });
      const { tokens } = await ready.rpc.call('state.info', { state });
      if (note === point.textHash && tokens === point.tokens) return state;
      await freeState(ready, state);
      throw new AppError('state-corrupt', 'The state in it is of another text.', 'It is read again.');
    } catch (thrown) {
      const error = toErrorValue(thrown);
      if (!unusable.includes(error.code)) throw thrown;
      if (existsSync(path)) storage.reportDamaged(setAside(path, error));
      return null;
    }
  }

  async function goOn(
    { ready, shelf }: Place,
    target: Target,
    start: Start,
    state: number,
    chain: readonly number[],
    onProgress: OnProgress,
    signal: AbortSignal,
  ): Promise<Stood> {
    try {
      const more = ready.tokenizer.encode(start.rest);
      const ids = [...chain, ...more];
      const ms = ids.length > 0 ? await feed(ready, state, ids, onProgress, signal) : 0;
      const known = start.end?.turn === target.turn && more.length === 0 ? start.end : null;
      if (known && ids.length === 0) return { point: known, state, tokens: 0, ms };
      const point = known ?? newPoint(ready, shelf, target, start.end, more);
      const held = await ready.rpc.call('state.fork', { state });
      await arrived(ready, shelf, point, held.state);
      return { point, state, tokens: ids.length, ms };
    } catch (error) {
      await freeState(ready, state);
      throw error;
    }
  }

  async function arrived(ready: Ready, shelf: Shelf, point: PointHead, state: number): Promise<void> {
    keeping.keep(ready, shelf, point, state);
    await hot.put(ready, point, state);
  }

  return { stand, arrived };
}

async function feed(
  { rpc }: Ready,
  state: number,
  ids: readonly number[],
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<number> {
  onProgress(0, ids.length);
  const { ms } = await rpc.stream(
    'feed',
    { state, ids },
    ({ done, total }) => onProgress(done, total),
    signal,
  );
  return ms;
}

/** The ids between a start's base and its end; null: they do not add up. */
function idsAlong({ store }: Shelf, { base, chain, end }: Start): number[] | null {
  const ids = chain.flatMap(({ turn, model }) => Array.from(store.point(turn, model)?.ids ?? []));
  return (base?.tokens ?? 0) + ids.length === (end?.tokens ?? 0) ? ids : null;
}

/** Written to the store: `ids` lead to the target from `end`. */
function newPoint(
  { fingerprint }: Ready,
  shelf: Shelf,
  { turn, shown }: Target,
  end: PointHead | null,
  ids: readonly number[],
): PointHead {
  // Where the target's own point has come to stand within it, both ways to go are one.
  const own = end?.turn === turn ? shelf.store.point(turn, fingerprint) : null;
  const point: PointRow = {
    turn,
    model: fingerprint,
    from: own ? own.from : (end?.turn ?? null),
    ids: Int32Array.from([...(own?.ids ?? []), ...ids]),
    tokens: (end?.tokens ?? 0) + ids.length,
    textLength: shown.length,
    textHash: hashing(shown).digest('hex'),
  };
  releasing(shelf, () => putPoint(shelf.store, point));
  return point;
}

/** A checkpoint of where the point stood before is none any more: to be called where files are released. */
export function putPoint(store: Store, point: PointRow): void {
  const before = store.point(point.turn, point.model);
  if (before && (before.textHash !== point.textHash || before.tokens !== point.tokens)) {
    store.dropCheckpoint(point.turn, point.model);
  }
  store.putPoint(point);
}

/** For what may be left undone. */
function tolerateFull(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (toErrorValue(error).code !== 'disk-full') throw error;
  }
}

const unusable = ['state-corrupt', 'state-version', 'state-mismatch', 'file-invalid', 'file-unreadable'];
