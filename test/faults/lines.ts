/** What the driver tells its parent, one JSON object a line, each written before the next step is taken. */
import type { ActionName } from '../user/actions.ts';

export type Line = { readonly at: number } & (
  | { readonly type: 'ready'; readonly engine: number }
  /** `target`: from now on it may be killed. */
  | { readonly type: 'begin'; readonly action: ActionName; readonly target: boolean }
  | { readonly type: 'done'; readonly action: ActionName; readonly error?: string }
  /** Acknowledged: there, with this text at least. */
  | { readonly type: 'turn'; readonly id: string; readonly text: string }
  /** More of its text was shown. */
  | { readonly type: 'text'; readonly id: string; readonly text: string }
  /** Acknowledged as it is. */
  | { readonly type: 'final'; readonly id: string; readonly text: string }
);

/** A turn as its user saw it at the end. */
export interface Seen {
  /** All that was shown. */
  readonly text: string;
  /** What must be there in any case: acknowledged, or shown long enough ago. */
  readonly sure: string;
  /** `text` is the whole of it. */
  readonly final: boolean;
}

/** By turn id. `safeBefore`: what was shown before this time is on the disk. */
export function seenTurns(lines: readonly Line[], safeBefore: number): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const line of lines) {
    if (line.type === 'turn' || line.type === 'final') {
      seen.set(line.id, { text: line.text, sure: line.text, final: line.type === 'final' });
    }
    if (line.type === 'text') {
      const before = seen.get(line.id) ?? { text: '', sure: '' };
      const text = before.text + line.text;
      seen.set(line.id, { text, sure: line.at < safeBefore ? text : before.sure, final: false });
    }
  }
  return seen;
}

/** null when what is kept of the turn is what it must be; else what is wrong. */
export function missing(seen: Seen, kept: string | null): string | null {
  if (kept === null) return 'it is gone';
  if (seen.final) return kept === seen.text ? null : 'its text is another';
  if (!kept.startsWith(seen.sure)) return `${seen.sure.length} chars were safe, ${kept.length} are kept`;
  return kept.startsWith(seen.text) || seen.text.startsWith(kept) ? null : 'its text is another';
}
