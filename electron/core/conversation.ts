/**
 * What to feed next. A checkpoint knows the text that its state has read; the template's text of the longer
 * conversation must begin with it, and only the rest is fed. The reply's own ids are never encoded again.
 */
import type { Message, Tokenizer } from './tokenizer.ts';

export interface Checkpoint {
  /** The engine's lifetime that `state` belongs to. */
  readonly epoch: number;
  readonly state: number;
  /** Every id that was fed, to build the state again when the engine was lost. */
  readonly ids: readonly number[];
  /** The rendered text that those ids stand for. */
  readonly text: string;
}

export interface Plan {
  /** What the state has read already; null: nothing, all ids are to be fed to a fresh one. */
  readonly from: Checkpoint | null;
  readonly ids: readonly number[];
  /** The whole rendered text, after feeding. */
  readonly text: string;
}

/** How to get from `from` to the start of the reply to `messages`. */
export function planReply(tokenizer: Tokenizer, messages: readonly Message[], from: Checkpoint | null): Plan {
  const text = tokenizer.render(messages, true);
  if (from) {
    const rest = restAfter(text, from.text);
    if (rest !== null) return { from, ids: tokenizer.encode(rest), text };
  }
  return { from: null, ids: tokenizer.encode(text), text };
}

/** Templates may trim a reply: its white space at the end then is in the state but not in the text. */
function restAfter(text: string, read: string): string | null {
  for (const beginning of [read, read.trimEnd()]) {
    if (text.startsWith(beginning)) return text.slice(beginning.length);
  }
  return null;
}
