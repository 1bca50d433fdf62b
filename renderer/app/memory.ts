/** Where the memory goes, from one measurement: four parts that add up to the process's footprint. */
import type { Metrics } from '../../electron/shared/contract.ts';

export interface MemoryParts {
  readonly weights: number;
  readonly states: number;
  /** MLX's working buffers and its cache of freed ones. */
  readonly scratch: number;
  /** Code, tokenizer, JavaScript: what is left of the footprint. */
  readonly rest: number;
}

/** In bytes. Counters are read one after the other, so a part may come out below 0 for an instant: it counts as 0. */
export function memoryParts(metrics: Metrics): MemoryParts {
  const { weightBytes: weights, stateBytes: states, activeBytes, cacheBytes, footprintBytes } = metrics;
  const mlx = activeBytes + cacheBytes;
  return {
    weights,
    states,
    scratch: Math.max(0, mlx - weights - states),
    rest: Math.max(0, footprintBytes - Math.max(mlx, weights + states)),
  };
}
