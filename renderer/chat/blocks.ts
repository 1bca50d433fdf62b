/** Markdown in pieces, so that a growing reply renders only its last piece again. */
import { lexer } from 'marked';
import remend from 'remend';

/**
 * The top-level blocks of a text, in order; joined they are the text again. While it is still being written, marks that
 * are open at its end (`**bold`, a link's half) are closed, so that nothing flickers between source and rendering.
 */
export function blocks(text: string, writing: boolean): readonly string[] {
  const pieces: string[] = [];
  for (const token of lexer(writing ? remend(text) : text, { gfm: true })) {
    if (token.type === 'space' && pieces.length > 0) pieces[pieces.length - 1] += token.raw;
    else pieces.push(token.raw);
  }
  return pieces;
}
