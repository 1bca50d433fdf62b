/** The model in use, with a count of the tokens that its engine is given to feed: whatever core says, this is what was read. */
import type { Ready } from '../../electron/core/loaded-model.ts';

export function counted(ready: Ready): { readonly ready: Ready; fed(): number } {
  let fed = 0;
  const costs: Record<string, (params: Given) => number> = {
    feed: ({ ids }) => ids.length,
    score: ({ ids }) => ids.length,
    generate: ({ request }) => request.ids.length,
    likelihoods: ({ states, ids }) => states.length * (ids.length - 1),
  };
  const stream = ((method: string, params: never, ...rest: [never]) => {
    fed += costs[method]?.(params) ?? 0;
    return ready.rpc.stream(method as 'feed', params, ...rest);
  }) as Ready['rpc']['stream'];
  return { ready: { ...ready, rpc: { ...ready.rpc, stream } }, fed: () => fed };
}

interface Given {
  readonly ids: readonly number[];
  readonly states: readonly number[];
  readonly request: { readonly ids: readonly number[] };
}
