/**
 * Token ids to text as they come: characters that span tokens appear whole, never broken, and text that may turn into a
 * stop string is held back until it is known not to.
 */
export interface Detokenizer {
  /** The text that these ids complete. */
  push(ids: readonly number[]): string;
  /** Whole characters that wait because a stop string may begin with them. */
  readonly held: string;
  /** What is left at the end; with a stop string, everything from it on is dropped. */
  end(stopString?: string | null): string;
}

export function createDetokenizer(
  { pieces, special }: { pieces: readonly string[]; special: ReadonlySet<number> },
  stopStrings: readonly string[] = [],
  /** Came before; a character that they leave unfinished goes on in what is pushed. */
  before: Iterable<number> = [],
): Detokenizer {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let held = '';

  function decode(id: number): string {
    if (special.has(id)) return '';
    const text = decoder.decode(Buffer.from(pieces[id] ?? '', 'latin1'), { stream: true });
    return text.replaceAll('\ufffd', ''); // bytes that a poor model put where no character can be
  }
  for (const id of before) decode(id);

  return {
    push(ids) {
      for (const id of ids) held += decode(id);
      const keep = heldBack(held, stopStrings);
      const text = held.slice(0, held.length - keep);
      held = held.slice(held.length - keep);
      return text;
    },
    get held() {
      return held;
    },
    end(stopString = null) {
      // A character that the last token left unfinished is dropped: half a character helps nobody.
      const at = stopString ? held.indexOf(stopString) : -1;
      const text = at < 0 ? held : held.slice(0, at);
      held = '';
      return text;
    },
  };
}

/** How many chars at the end of `text` must wait: from the first whole stop string, else the longest beginning of one. */
function heldBack(text: string, stopStrings: readonly string[]): number {
  let longest = 0;
  for (const stop of stopStrings) {
    const whole = text.indexOf(stop);
    if (whole >= 0) longest = Math.max(longest, text.length - whole);
    for (let n = Math.min(stop.length - 1, text.length); n > longest; n--) {
      if (text.endsWith(stop.slice(0, n))) longest = n;
    }
  }
  return longest;
}
