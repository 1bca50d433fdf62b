/** Turns of a conversation: begun, told in numbers, and as the template's messages. */
import { randomUUID } from 'node:crypto';
import type { Turn, TurnStats } from '../shared/contract.ts';
import type { Fed } from './checkpoints.ts';
import { type GeneratedText, rate } from './generate-text.ts';
import type { Ready } from './loaded-model.ts';
import type { Message } from './tokenizer.ts';

export const newTurn = (role: Turn['role'], text = ''): Turn => ({
  id: randomUUID(),
  role,
  text,
  stats: null,
  error: null,
});

export function messagesOf(system: string | null, turns: readonly Turn[]): Message[] {
  const said = turns.map(({ role, text }) => ({ role, content: text }));
  return system === null ? said : [{ role: 'system', content: system }, ...said];
}

export function statsOf(ready: Ready, fed: Fed, { result, stopReason }: GeneratedText): TurnStats {
  const { stateBytes, stateBytesPerToken } = ready.loaded;
  return {
    stopReason,
    promptTokens: fed.tokens,
    generatedTokens: result.generatedTokens,
    ttftMs: fed.ms + result.ttftMs,
    prefillTokensPerSecond: rate(fed.tokens, fed.ms),
    decodeTokensPerSecond: rate(result.generatedTokens - 1, result.decodeMs),
    stateBytes: stateBytes + stateBytesPerToken * result.stateTokens,
    stateTokens: result.stateTokens,
  };
}

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
