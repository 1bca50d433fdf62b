/** What writing a reply took, summed over its attempts. */
import type { LoadedModel, StopReason, TurnStats } from '../../shared/contract.ts';
import type { GenerateResult } from '../../shared/engine-contract.ts';
import { rate } from '../generate-text.ts';

export interface Tally {
  readonly startedAt: number;
  firstAt: number | null;
  fed: number;
  fedMs: number;
  decoded: number;
  decodeMs: number;
  /** Tokens that the reply had when it was first begun or gone on with. */
  had: number | null;
}

export const newTally = (): Tally => ({
  startedAt: performance.now(),
  firstAt: null,
  fed: 0,
  fedMs: 0,
  decoded: 0,
  decodeMs: 0,
  had: null,
});

export function addDecoded(tally: Tally, { generatedTokens, decodeMs }: GenerateResult): void {
  tally.decoded += Math.max(0, generatedTokens - 1);
  tally.decodeMs += decodeMs;
}

/** `generatedTokens`: of the reply in all; `stateTokens`: in the state at its end. */
export const statsOf = (
  { stateBytes, stateBytesPerToken }: LoadedModel,
  { startedAt, firstAt, fed, fedMs, decoded, decodeMs }: Tally,
  generatedTokens: number,
  stateTokens: number,
  stopReason: StopReason,
): TurnStats => ({
  stopReason,
  promptTokens: fed,
  generatedTokens,
  ttftMs: (firstAt ?? performance.now()) - startedAt,
  prefillTokensPerSecond: rate(fed, fedMs),
  decodeTokensPerSecond: rate(decoded, decodeMs),
  stateBytes: stateBytes + stateBytesPerToken * stateTokens,
  stateTokens,
});

/** Of a reply that was stopped before its first token. */
export const nothingWritten: TurnStats = {
  stopReason: 'cancelled',
  promptTokens: 0,
  generatedTokens: 0,
  ttftMs: 0,
  prefillTokensPerSecond: null,
  decodeTokensPerSecond: null,
  stateBytes: 0,
  stateTokens: 0,
};
