/** One reply: tokens from the engine, and the text that they are. */
import type { SamplingOptions, StopReason } from '../shared/contract.ts';
import type { GenerateRequest, GenerateResult } from '../shared/engine-contract.ts';
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
}

interface TextRequest extends Request {
  /** Text as it comes, with the count of tokens so far. */
  onText(text: string, tokens: number): void;
}

/** The model that writes. */
type Writer = Pick<Ready, 'rpc' | 'tokenizer' | 'defaults'>;

export async function generateText(ready: Writer, request: TextRequest): Promise<GeneratedText> {
  const detokenizer = createDetokenizer(ready.tokenizer, request.sampling.stop);
  const ids: number[] = [];
  let text = '';
  const grow = (piece: string) => {
    text += piece;
    request.onText(piece, ids.length);
  };
  const result = await generateIds(ready, request, (more) => {
    ids.push(...more);
    grow(detokenizer.push(more));
  });
  const rest = detokenizer.end(stopStringOf(result));
  if (rest) grow(rest);
  return { text, ids, stopReason: stopReasonOf(result), result };
}

export function generateIds(
  ready: Pick<Writer, 'rpc' | 'defaults'>,
  { state, ids, sampling, signal }: Request,
  onIds: (ids: readonly number[]) => void,
): Promise<GenerateResult> {
  const request = {
    ids,
    maxTokens: sampling.maxTokens,
    sampling: engineSampling(sampling),
    stopIds: ready.defaults.stopIds,
    stopStrings: sampling.stop.map(utf8),
  };
  return ready.rpc.stream('generate', { state, request }, (item) => onIds(item.ids), signal);
}

/**
 * The latest tokens of the sequence, the prompt's among them, that the penalty looks at: enough against loops, and soon
 * past a passage. With 256 it penalized a passage's own words, and fewer names in summaries were the passage's
 * (models/distill/README.md, "Generation defaults").
 */
const repetitionWindow = 64;

/** The settings of a reply as the engine takes them. */
export const engineSampling = (sampling: SamplingOptions): GenerateRequest['sampling'] => ({
  temperature: sampling.temperature,
  topK: sampling.topK,
  topP: sampling.topP,
  minP: sampling.minP,
  repetitionPenalty: sampling.repetitionPenalty,
  repetitionWindow,
  seed: sampling.seed ?? Math.floor(Math.random() * 2 ** 32),
  logitBias: [],
});

export const stopStringOf = ({ stopString }: GenerateResult): string | null =>
  stopString === null ? null : Buffer.from(stopString, 'latin1').toString('utf8');

export const stopReasonOf = ({ reason }: GenerateResult): StopReason => reasons[reason];

const reasons = {
  'stop-id': 'stop',
  'stop-string': 'stop',
  length: 'length',
  cancelled: 'cancelled',
} as const satisfies Record<GenerateResult['reason'], StopReason>;

/** Tokens a second; null when there is nothing to measure. */
export const rate = (tokens: number, ms: number): number | null =>
  tokens > 0 && ms > 0 ? (1000 * tokens) / ms : null;
