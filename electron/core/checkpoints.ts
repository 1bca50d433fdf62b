/** States behind the checkpoints of a conversation: made by feeding, kept, replaced, freed. */
import { toErrorValue } from '../shared/errors.ts';
import type { Checkpoint, Plan } from './conversation.ts';
import type { Ready } from './loaded-model.ts';

/** Where the last reply of a conversation begins, and where it ended. */
export interface Checkpoints {
  before: Checkpoint | null;
  after: Checkpoint | null;
}

export interface Fed {
  readonly checkpoint: Checkpoint;
  /** Tokens that were fed, and how long it took. */
  readonly tokens: number;
  readonly ms: number;
}

/** Those of the model in use: another model may have read the same text, as other ids. */
export const checkpointsOf = ({ entry }: Ready, { before, after }: Checkpoints): Checkpoint[] =>
  [before, after].filter((checkpoint) => checkpoint !== null).filter(({ model }) => model === entry.path);

/** Feeds what the plan says; gives the checkpoint at its end. */
export async function feedPlan(
  ready: Ready,
  { from, ids, text }: Plan,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<Fed> {
  const alive = from && (await isThere(ready, from)) ? from : null;
  if (alive && ids.length === 0) return { checkpoint: alive, tokens: 0, ms: 0 };
  // A state that was lost is built again from the ids it had read.
  const all = [...(from?.ids ?? []), ...ids];
  const missing = alive ? ids : all;
  const { state } = alive
    ? await ready.rpc.call('state.fork', { state: alive.state })
    : await ready.rpc.call('state.create', { model: ready.model });
  onProgress(0, missing.length);
  try {
    const params = { state, ids: missing };
    const { ms } = await ready.rpc.stream(
      'feed',
      params,
      ({ done, total }) => onProgress(done, total),
      signal,
    );
    return { checkpoint: checkpointOf(ready, state, all, text), tokens: missing.length, ms };
  } catch (error) {
    await freeState(ready, state);
    throw error;
  }
}

/** Its state may have gone down with the engine, or its file may be broken when it was parked. */
async function isThere({ life, rpc }: Ready, checkpoint: Checkpoint): Promise<boolean> {
  if (checkpoint.life !== life) return false;
  try {
    await rpc.call('state.info', { state: checkpoint.state });
    return true;
  } catch (error) {
    if (lost.includes(toErrorValue(error).code)) return false;
    throw error;
  }
}

const lost = ['state-not-found', 'state-corrupt', 'file-unreadable'];

export const checkpointOf = (
  { life, entry }: Ready,
  state: number,
  ids: readonly number[],
  text: string,
): Checkpoint => ({ life, model: entry.path, state, ids, text });

/** Puts another checkpoint in the place of one, whose state is freed. */
export async function replace(
  ready: Ready,
  held: Checkpoints,
  place: keyof Checkpoints,
  by: Checkpoint | null,
): Promise<void> {
  const old = held[place];
  held[place] = by;
  if (old && old.life === ready.life && old.state !== by?.state) await freeState(ready, old.state);
}

/** A state that went down with the engine needs no freeing. */
export async function freeState({ rpc }: Ready, state: number): Promise<void> {
  await rpc.call('state.free', { state }).catch((error) => {
    if (!['engine-gone', 'state-not-found'].includes(toErrorValue(error).code)) throw error;
  });
}
