/** An engine of the tests' own, to hold what is kept against a reading of everything anew. */
import { join } from 'node:path';
import type { Store } from '../../electron/core/sessions/rows.ts';
import { type Addon, loadAddon, type Model, type State } from '../../native-mlx/addon.ts';
import { greedy } from '../native/greedy.ts';

export interface Reader {
  readonly model: Model;
  /** Every id that leads to the point, from a fresh state on. */
  idsTo(store: Store, turn: string): number[];
  /** A state that has read these. */
  read(ids: readonly number[]): Promise<State>;
  loadState(path: string): Promise<State>;
  /** How it goes on when nothing is left to chance. */
  greedy(state: State, tokens: number): Promise<number[]>;
  /** Log-probabilities of a few fixed ids: two states are the same when these are. */
  fingerprint(state: State): Promise<number[]>;
  close(): Promise<void>;
}

export async function openReader(path: string, addon: Addon = loadAddon()): Promise<Reader> {
  const engine = addon.createEngine();
  const model = await engine.load(path).done;
  const probe = Array.from({ length: 8 }, (_, i) => 33 + 7 * i);
  return {
    model,
    idsTo(store, turn) {
      const pieces: number[][] = [];
      for (let at: string | null = turn; at !== null; ) {
        const point = store.point(at, model.info.fingerprint);
        if (!point) throw new Error(`there is no point of turn ${at}`);
        pieces.unshift([...point.ids]);
        at = point.from;
      }
      return pieces.flat();
    },
    async read(ids) {
      const state = await model.createState();
      await state.feed(ids).done;
      return state;
    },
    loadState: async (file) => (await model.loadState(file)).state,
    async greedy(state, tokens) {
      const out: number[] = [];
      const request = { ids: [], maxTokens: tokens, sampling: greedy, stopIds: [], stopStrings: [] };
      await state.generate(request, (ids) => void out.push(...ids)).done;
      return out;
    },
    fingerprint: async (state) => [...(await state.score(probe).done).logprobs],
    close: () => engine.close(),
  };
}

export const stateFile = (data: string, file: string) => join(data, 'states', file);
