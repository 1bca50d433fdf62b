/** For the child processes and workers of lifetimes.test.ts: an engine with a state that can write without end. */
import { type Engine, loadAddon, type Model, type State } from '../../../native-mlx/addon.ts';
import { greedy } from '../greedy.ts';

export const addon = loadAddon();

export const endless = {
  ids: [1, 2, 3],
  maxTokens: 1_000_000_000,
  sampling: greedy,
  stopIds: [],
  stopStrings: [],
};

export async function begin(path: string): Promise<{ engine: Engine; model: Model; state: State }> {
  const engine = addon.createEngine({ device: 'cpu' });
  const model = await engine.load(path).done;
  return { engine, model, state: await model.createState() };
}
