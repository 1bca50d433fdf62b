/** The live numbers: the engine's memory four times a second, with the speeds of the reply under way or the last one. */
import type { Metrics } from '../shared/contract.ts';
import type { EngineMemory } from '../shared/engine-contract.ts';
import { rate } from './generate-text.ts';

export interface Rates {
  /** `tokens` of the reply have come, `ms` after it was asked for. */
  token(tokens: number, ms: number): void;
  prefill(tokens: number, ms: number): void;
  idle(): void;
}

/** Decode speed is told over the latest stretch of this many ms. */
const windowMs = 1000;

export function createMetrics() {
  let decode: number | null = null;
  let prefill: number | null = null;
  let ttft: number | null = null;
  let seen: { tokens: number; ms: number }[] = [];

  const rates: Rates = {
    token(tokens, ms) {
      if (seen.length === 0) ttft = ms;
      seen.push({ tokens, ms });
      while (seen.length > 2 && ms - (seen[1]?.ms ?? ms) > windowMs) seen.shift();
      const first = seen[0];
      if (first && ms > first.ms) decode = rate(tokens - first.tokens, ms - first.ms);
    },
    prefill(tokens, ms) {
      prefill = rate(tokens, ms);
    },
    idle() {
      seen = [];
    },
  };
  return {
    rates,
    of(memory: EngineMemory | null): Metrics {
      return {
        at: Date.now(),
        weightBytes: memory?.weightBytes ?? 0,
        stateBytes: memory?.stateBytes ?? 0,
        stateCount: memory?.stateCount ?? 0,
        activeBytes: memory?.activeBytes ?? 0,
        cacheBytes: memory?.cacheBytes ?? 0,
        peakBytes: memory?.peakBytes ?? 0,
        footprintBytes: memory?.footprintBytes ?? 0,
        thermal: memory?.thermal ?? 'unknown',
        decodeTokensPerSecond: decode,
        prefillTokensPerSecond: prefill,
        ttftMs: ttft,
      };
    },
  };
}
