/** One prompt, all models answering at once, each in the words of its own template. */
import type { SideItem, SideResult } from '../../shared/compare.ts';
import type { ModelEntry } from '../../shared/contract.ts';
import type { EngineContract } from '../../shared/engine-contract.ts';
import type { Client } from '../../shared/rpc.ts';
import { generateText, rate } from '../generate-text.ts';
import { loadModel } from '../loaded-model.ts';

export interface SideOptions {
  readonly rpc: Client<EngineContract>;
  readonly entries: readonly ModelEntry[];
  readonly prompt: string;
  readonly maxTokens: number;
  readonly emit: (item: SideItem) => void;
  readonly signal: AbortSignal;
}

/** Cancelled once all have read the prompt, each ends with what it has written; before, it throws `cancelled`. */
export async function answerSideBySide(options: SideOptions): Promise<SideResult[]> {
  const { rpc, entries } = options;
  const models: Loaded[] = [];
  try {
    for (const entry of entries)
      models.push({ entry, rpc, ...(await loadModel(entry, rpc, () => undefined)) });
    return await Promise.all(models.map((loaded) => answer(options, loaded)));
  } finally {
    await Promise.all(models.map(({ model }) => rpc.call('unload', { model })));
  }
}

type Loaded = { entry: ModelEntry; rpc: Client<EngineContract> } & Awaited<ReturnType<typeof loadModel>>;

async function answer(
  { rpc, prompt, maxTokens, emit, signal }: SideOptions,
  loaded: Loaded,
): Promise<SideResult> {
  const { entry, model, info, tokenizer, defaults } = loaded;
  const ids = tokenizer.encode(tokenizer.render([{ role: 'user', content: prompt }], true));
  const { state } = await rpc.call('state.create', { model });
  const stateBytes = (tokens: number) => info.stateBytes + info.stateBytesPerToken * tokens;
  const fed = await rpc.stream(
    'feed',
    { state, ids },
    ({ done, total }) => emit({ type: 'prefill', model: entry.id, done, total }),
    signal,
  );
  let firstAt: number | null = null;
  const { text, result } = await generateText(loaded, {
    state,
    ids: [],
    sampling: { ...defaults.sampling, maxTokens },
    signal,
    onText(piece, tokens) {
      firstAt ??= performance.now();
      emit({
        ...{ type: 'text', model: entry.id, text: piece, tokens },
        tokensPerSecond: rate(tokens - 1, performance.now() - firstAt),
        stateBytes: stateBytes(ids.length + tokens),
      });
    },
  });
  const { bytes } = await rpc.call('state.info', { state });
  return {
    model: entry.id,
    text,
    promptTokens: ids.length,
    tokens: result.generatedTokens,
    ttftMs: fed.ms + result.ttftMs,
    prefillTokensPerSecond: rate(ids.length, fed.ms),
    decodeTokensPerSecond: rate(result.generatedTokens - 1, result.decodeMs),
    stateBytes: bytes,
  };
}
