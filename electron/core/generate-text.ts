/** One reply as text: tokens from the engine through the detokenizer. */
import type { SamplingOptions, StopReason } from '../shared/contract.ts';
import type { GenerateResult } from '../shared/engine-contract.ts';
import { createDetokenizer } from './detokenizer.ts';
import type { Ready } from './loaded-model.ts';
import { utf8 } from './tokenizer.ts';

export interface GeneratedText {
  readonly text: string;
  readonly ids: readonly number[];
  readonly stopReason: StopReason;
  readonly result: GenerateResult;
}

interface Request {
  readonly state: number;
  /** Fed first; may be empty when the state was left by a feed. */
  readonly ids: readonly number[];
  readonly sampling: SamplingOptions;
  readonly signal: AbortSignal;
  /** Text as it comes, with the count of tokens so far. */
  onText(text: string, tokens: number): void;
}

export async function generateText(ready: Ready, request: Request): Promise<GeneratedText> {
  const { sampling } = request;
  const detokenizer = createDetokenizer(ready.tokenizer, sampling.stop);
  const ids: number[] = [];
  let text = '';
  const grow = (piece: string) => {
    text += piece;
    request.onText(piece, ids.length);
  };
  const result = await ready.rpc.stream(
    'generate',
    {
      state: request.state,
      request: {
        ids: request.ids,
        maxTokens: sampling.maxTokens,
        sampling: {
          temperature: sampling.temperature,
          topK: sampling.topK,
          topP: sampling.topP,
          minP: sampling.minP,
          repetitionPenalty: sampling.repetitionPenalty,
          repetitionWindow: 256,
          seed: sampling.seed ?? Math.floor(Math.random() * 2 ** 32),
          logitBias: [],
        },
        stopIds: ready.defaults.stopIds,
        stopStrings: sampling.stop.map(utf8),
      },
    },
    (item) => {
      ids.push(...item.ids);
      grow(detokenizer.push(item.ids));
    },
    request.signal,
  );
  const stopString =
    result.stopString === null ? null : Buffer.from(result.stopString, 'latin1').toString('utf8');
  const rest = detokenizer.end(stopString);
  if (rest) grow(rest);
  return { text, ids, stopReason: reasons[result.reason], result };
}

const reasons = {
  'stop-id': 'stop',
  'stop-string': 'stop',
  length: 'length',
  cancelled: 'cancelled',
} as const satisfies Record<GenerateResult['reason'], StopReason>;

/** Tokens a second; null when there is nothing to measure. */
export const rate = (tokens: number, ms: number): number | null =>
  tokens > 0 && ms > 0 ? (1000 * tokens) / ms : null;
