/** A reply as it grows: its tokens, the text that they are, and the point at its end. */
import { createDetokenizer } from '../detokenizer.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { hashing, shownReply } from './planning.ts';
import type { PointHead, PointRow } from './rows.ts';

interface Beginning {
  readonly tokenizer: Tokenizer;
  readonly turn: string;
  readonly model: string;
  /** The rendered text before the reply. */
  readonly opening: string;
  /** Where the state stands that the reply grows from: at the end of the user's turn, or within the reply. */
  readonly at: PointHead;
  /** The reply's own point, if it stands there. */
  readonly own: PointRow | null;
  readonly text: string;
  readonly stop: readonly string[];
}

export interface GrowingReply {
  readonly text: string;
  /** Tokens of the reply in all, and those that were there at its beginning. */
  readonly tokens: number;
  readonly had: number;
  /** The text that these ids complete. */
  push(ids: readonly number[]): string;
  /** The text that was held back until the end; with a stop string, that from it on is dropped. */
  end(stopString: string | null): string;
  /** All whole characters, those that are held back too. */
  readonly said: string;
  /** The point after what was said so far, and after the end, as later turns see it. */
  pointSaid(): PointRow;
  pointAtEnd(): PointRow;
}

export function growingReply({
  tokenizer,
  turn,
  model,
  opening,
  at,
  own,
  text,
  stop,
}: Beginning): GrowingReply {
  const had = own ? Array.from(own.ids) : [];
  const detokenizer = createDetokenizer(tokenizer, stop, had);
  const hash = hashing(opening);
  const ids: number[] = [];
  let grown = text;

  const grow = (piece: string) => {
    grown += piece;
    return piece;
  };
  const pointAfter = (shown: string): PointRow => ({
    turn,
    model,
    from: own ? own.from : at.turn,
    ids: Int32Array.from([...had, ...ids]),
    tokens: at.tokens + ids.length,
    textLength: opening.length + shown.length,
    textHash: hash.copy().update(shown, 'utf16le').digest('hex'),
  });
  const reply: GrowingReply = {
    get text() {
      return grown;
    },
    get tokens() {
      return had.length + ids.length;
    },
    had: had.length,
    push(more) {
      ids.push(...more);
      return grow(detokenizer.push(more));
    },
    end: (stopString) => grow(detokenizer.end(stopString)),
    get said() {
      return grown + detokenizer.held;
    },
    pointSaid: () => pointAfter(tokenizer.inert(reply.said)),
    pointAtEnd: () => pointAfter(shownReply(tokenizer, grown)),
  };
  return reply;
}
