import { describe, expect, it } from 'vitest';
import { createDetokenizer } from '../../electron/core/detokenizer.ts';
import { utf8 } from '../../electron/core/tokenizer.ts';

/** One token a byte: every character beyond ASCII spans tokens. */
const bytes = {
  pieces: Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)),
  special: new Set([0]),
};
const idsOf = (text: string) => Array.from(utf8(text), (char) => char.charCodeAt(0));

describe('detokenizer', () => {
  for (const text of ['héllo', '日本語のテキスト', '👩‍👩‍👧 family', '🇫🇷🦙']) {
    it(`never shows a broken character of ${text}`, () => {
      const detokenizer = createDetokenizer(bytes);
      const shown = idsOf(text).map((id) => detokenizer.push([id]));
      expect(shown.join('') + detokenizer.end()).toBe(text);
      for (const piece of shown) expect(piece).not.toContain('\ufffd');
      // Each piece is whole characters: it survives UTF-8 by itself.
      for (const piece of shown) expect(Buffer.from(piece, 'utf8').toString('utf8')).toBe(piece);
    });
  }

  it('drops a character that the end leaves unfinished', () => {
    const detokenizer = createDetokenizer(bytes);
    expect(detokenizer.push(idsOf('a🦙').slice(0, 3))).toBe('a');
    expect(detokenizer.end()).toBe('');
  });

  it('leaves out bytes that are no character', () => {
    const detokenizer = createDetokenizer(bytes);
    const [a, b] = [idsOf('🦙').slice(0, 2), idsOf('日').slice(1)];
    expect(detokenizer.push([...a, 120, ...b, 121]) + detokenizer.end()).toBe('xy');
  });

  it('shows nothing of special tokens', () => {
    expect(createDetokenizer(bytes).push([97, 0, 98])).toBe('ab');
  });

  it('goes on with a character that tokens before it left unfinished', () => {
    const ids = idsOf('a語b');
    for (let cut = 0; cut <= ids.length; cut++) {
      const first = createDetokenizer(bytes);
      const shown = first.push(ids.slice(0, cut)) + first.end();
      const rest = createDetokenizer(bytes, [], ids.slice(0, cut));
      expect(shown + rest.push(ids.slice(cut)) + rest.end()).toBe('a語b');
    }
  });

  it('tells what it holds back', () => {
    const detokenizer = createDetokenizer(bytes, ['###']);
    expect(detokenizer.push(idsOf('a##'))).toBe('a');
    expect(detokenizer.held).toBe('##');
    expect(detokenizer.end()).toBe('##');
    expect(detokenizer.held).toBe('');
  });

  it('holds back what may become a stop string, and lets it go when it does not', () => {
    const detokenizer = createDetokenizer(bytes, ['###']);
    expect(detokenizer.push(idsOf('a#'))).toBe('a');
    expect(detokenizer.push(idsOf('#'))).toBe('');
    expect(detokenizer.push(idsOf('b'))).toBe('##b');
    expect(detokenizer.push(idsOf('##'))).toBe('');
    expect(detokenizer.push(idsOf('#c'))).toBe('');
    expect(detokenizer.end('###')).toBe('');
  });

  it('keeps the text before a stop string that begins inside a token', () => {
    const detokenizer = createDetokenizer({ pieces: ['yes\nUs', 'er:'], special: new Set() }, ['\nUser:']);
    expect(detokenizer.push([0])).toBe('yes');
    expect(detokenizer.push([1])).toBe('');
    expect(detokenizer.end('\nUser:')).toBe('');
  });
});
