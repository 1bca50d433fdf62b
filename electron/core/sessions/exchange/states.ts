/** Points of a session and where its checkpoints stand, as JSON beside the session's own. */
import * as v from 'valibot';
import type { CheckpointRow, PointRow, Store } from '../rows.ts';
import { checked, type NewRows, type SessionDocument } from './document.ts';
import { invalid } from './invalid.ts';

const format = 'llamba-states';
const version = 1;

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(1024));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));

const statesSchema = v.strictObject({
  format: v.literal(format),
  version: v.literal(version),
  points: v.array(
    v.strictObject({
      turn: id,
      model: id,
      from: v.nullable(id),
      tokens: count,
      textLength: count,
      textHash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/u)),
      /** int32, little endian, as base64. */
      ids: v.pipe(
        v.string(),
        v.base64(),
        v.transform((text) => Buffer.from(text, 'base64')),
        v.check(({ length }) => length % 4 === 0, 'no whole ids'),
      ),
    }),
  ),
  checkpoints: v.array(v.strictObject({ turn: id, model: id, file: id })),
});

export type StatesDocument = v.InferOutput<typeof statesSchema>;

export interface States {
  readonly points: readonly PointRow[];
  readonly checkpoints: readonly CheckpointRow[];
}

/** Of all models; of the turns that are not deleted. */
export function statesOf(store: Store, session: string, turns: ReadonlySet<string>): States {
  const models = store.models(session);
  return {
    points: models.flatMap((model) =>
      store
        .points(session, model)
        .filter(({ turn }) => turns.has(turn))
        .flatMap(({ turn }) => store.point(turn, model) ?? []),
    ),
    checkpoints: models.flatMap((model) =>
      store.checkpoints(session, model).filter(({ turn }) => turns.has(turn)),
    ),
  };
}

/** `files`: those that are beside it; a checkpoint whose file is lost is left out. */
export function statesText({ points, checkpoints }: States, files: ReadonlySet<string>): string {
  return JSON.stringify({
    format,
    version,
    points: points.map(({ ids, ...point }) => ({
      ...point,
      ids: Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength).toString('base64'),
    })),
    checkpoints: checkpoints
      .filter(({ file }) => files.has(file))
      .map(({ turn, model, file }) => ({ turn, model, file })),
  });
}

/** Throws `file-invalid`: states fit the session and the files (by name) exactly, or are refused. */
export function readStates(
  text: string,
  { turns }: SessionDocument,
  files: ReadonlySet<string>,
): StatesDocument {
  const states = checked(statesSchema, text, format, version);
  const parents = new Map(turns.map(({ id, parent }) => [id, parent]));
  const known = new Set(states.points.map(key));
  if (known.size !== states.points.length) throw invalid('a point is in it twice');
  for (const point of states.points) {
    const { turn, model, from } = point;
    if (!parents.has(turn)) throw invalid('a point belongs to no turn');
    if (from === null) continue;
    if (!isBelow(turn, from, parents) || !known.has(key({ turn: from, model }))) {
      throw invalid('a point leads on from nowhere');
    }
  }
  const standing = new Set(states.checkpoints.map(key));
  if (standing.size !== states.checkpoints.length) throw invalid('a checkpoint is in it twice');
  for (const checkpoint of states.checkpoints) {
    if (!known.has(key(checkpoint))) throw invalid('a checkpoint stands at no point');
    if (!files.has(checkpoint.file)) throw invalid('the file of a checkpoint is missing');
  }
  const used = new Set(states.checkpoints.map(({ file }) => file));
  if (used.size !== files.size) throw invalid('a file belongs to no checkpoint');
  return states;
}

const key = ({ turn, model }: { turn: string; model: string }): string => JSON.stringify([turn, model]);

function isBelow(turn: string, above: string, parents: ReadonlyMap<string, string | null>): boolean {
  for (let at = parents.get(turn) ?? null; at !== null; at = parents.get(at) ?? null) {
    if (at === above) return true;
  }
  return false;
}

/** Puts them into the store under the new ids; `files`: how each is named and how large it is here. */
export function putStates(
  store: Store,
  { points, checkpoints }: StatesDocument,
  { ids }: NewRows,
  files: ReadonlyMap<string, { readonly name: string; readonly bytes: number }>,
  now = Date.now(),
): void {
  const idOf = (id: string) => ids.get(id) as string;
  for (const point of points) {
    store.putPoint({
      ...point,
      turn: idOf(point.turn),
      from: point.from === null ? null : idOf(point.from),
      ids: new Int32Array(Uint8Array.from(point.ids).buffer),
    });
  }
  for (const { turn, model, file } of checkpoints) {
    const kept = files.get(file);
    if (!kept) continue; // nothing is kept of a session in memory
    store.putCheckpoint({ turn: idOf(turn), model, file: kept.name, bytes: kept.bytes, usedAt: now });
  }
}
