/**
 * What to feed next. A checkpoint knows the text that its state has read; the template's text of the longer
 * conversation must begin with it, and only the rest is fed. The reply's own ids are never encoded again.
 */
import type { Message, Tokenizer } from './tokenizer.ts';

export interface Checkpoint {
  /** Which loading of a model `state` belongs to (Ready.life), and the model's path: ids and text outlive a loading. */
  readonly life: number;
  readonly model: string;
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

/** How to get to the start of the reply to `messages`, from the checkpoint that leaves least to read. */
export function planReply(
  tokenizer: Tokenizer,
  messages: readonly Message[],
  checkpoints: readonly Checkpoint[],
): Plan {
  const text = tokenizer.render(messages, true);
  let from: Checkpoint | null = null;
  let rest = text;
  for (const checkpoint of checkpoints) {
    const left = restAfter(text, checkpoint.text);
    if (left === null || (from && left.length >= rest.length)) continue;
    from = checkpoint;
    rest = left;
  }
  return { from, ids: tokenizer.encode(rest), text };
}

/** Templates may trim a reply: its white space at the end then is in the state but not in the text. */
function restAfter(text: string, read: string): string | null {
  for (const beginning of [read, read.trimEnd()]) {
    if (text.startsWith(beginning)) return text.slice(beginning.length);
  }
  return null;
}
