/** The real core with the real engine process and the first model at hand (the embedded one in a clone). */
import { localCore } from '../../electron/headless/local-core.ts';
import type { ReplyItem, SamplingOptions } from '../../electron/shared/contract.ts';

export const greedy: Partial<SamplingOptions> = { temperature: 0, repetitionPenalty: 1.1, maxTokens: 12 };

export function realCore() {
  return localCore('cli', { loadAtStart: true });
}

/** Collects what a reply says while it is written. */
export function listener() {
  const items: ReplyItem[] = [];
  return {
    items,
    on: (item: ReplyItem) => void items.push(item),
    text: () => items.map((item) => (item.type === 'text' ? item.text : '')).join(''),
    /** Tokens that were read for the reply. */
    read: () => items.flatMap((item) => (item.type === 'prefill' ? [item.total] : [])).at(0) ?? 0,
  };
}
