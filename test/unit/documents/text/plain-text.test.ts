import { describe, expect, it } from 'vitest';
import { encodingOf } from '../../../../electron/core/documents/text/decode.ts';
import { read, reason } from './reading.ts';

const first = async (content: Uint8Array | string) => (await read('a.txt', content)).pages[0]?.text;

describe('a text file', () => {
  it('is read in the encoding it has', async () => {
    const said = 'Grüße – “prêt”, 10 €\nzweite Zeile';
    const windows = Buffer.from(
      said.replace('–', '\x96').replace('“', '\x93').replace('”', '\x94').replace('€', '\x80'),
      'latin1',
    );
    const big = Buffer.from(`\ufeff${said}`, 'utf16le').swap16();
    for (const bytes of [
      Buffer.from(said),
      Buffer.from(`\ufeff${said}`),
      Buffer.from(`\ufeff${said}`, 'utf16le'),
      Buffer.from(said, 'utf16le'),
      big,
      big.subarray(2),
      windows,
    ])
      expect(await first(bytes), encodingOf(bytes)).toBe(said);
  });
  it('has form feeds as pages', async () => {
    const { pages } = await read('a.txt', 'one\n\n\ftwo\r\nlines\f\n\n\fthree');
    expect(pages).toEqual([
      { label: '1', text: 'one' },
      { label: '2', text: 'two\nlines' },
      { label: '4', text: 'three' },
    ]);
  });
  it('has pages of about 3,000 characters that end at the best border near', async () => {
    const sentence = 'One sentence of this text is as long as the other. ';
    for (const [border, end] of [
      ['\n\n', /\.$/],
      ['\n', /\.$/],
      ['', /\.$/],
    ] as const) {
      const text = Array.from({ length: 60 }, () => sentence.repeat(5).trim()).join(border || ' ');
      const { pages } = await read('a.txt', text);
      expect(pages.length).toBeGreaterThan(3);
      for (const page of pages) expect(page.text).toMatch(end);
      for (const page of pages) expect(page.text.length).toBeLessThanOrEqual(4500);
      expect(pages.map((page) => page.text).join(border || ' ')).toBe(text);
    }
  });
  it('is divided even where there is no border, never within a character', async () => {
    const { pages } = await read('a.txt', `x${'🦙'.repeat(5000)}`);
    expect(pages.length).toBeGreaterThan(2);
    expect(pages.map(({ text }) => text).join('')).toBe(`x${'🦙'.repeat(5000)}`);
    expect(pages.every(({ text }) => text.isWellFormed())).toBe(true);
  });
  it('is known for text wherever a character stands across the end of what is looked at', async () => {
    for (const character of ['é', '日', '🦙']) {
      for (let shift = 0; shift < 8; shift++) {
        const { pages } = await read('a.txt', 'x'.repeat(shift) + character.repeat(40_000));
        expect(pages.at(-1)?.text.endsWith(character), `${character}, ${shift}`).toBe(true);
      }
    }
  });
  it('of 50 MB is whole after a few seconds', async () => {
    const paragraph = `${'Zeile für Zeile, Seite für Seite. '.repeat(14)}\n\n`;
    const count = Math.ceil(50e6 / Buffer.byteLength(paragraph));
    const { pages } = await read('big.txt', Buffer.from(paragraph.repeat(count)));
    expect(pages.length).toBeGreaterThan(10_000);
    const sentences = pages.reduce((sum, { text }) => sum + text.split('Zeile für').length - 1, 0);
    expect(sentences).toBe(14 * count);
  }, 60_000);
  it('is refused with a reason when it is empty, blank, or no text', async () => {
    await expect(read('a.txt', '')).rejects.toMatchObject(reason(/holds no text/));
    await expect(read('a.txt', ' \n\f\n ')).rejects.toMatchObject(reason(/holds no text/));
    await expect(read('a.txt', Buffer.from([1, 2, 0, 3, 255, 0, 0, 9]))).rejects.toMatchObject(
      reason(/no kind/),
    );
  });
});

describe('what a file is', () => {
  it('is told by its content, whatever its name says', async () => {
    expect((await read('a.pdf', 'just words')).kind).toBe('text');
    expect((await read('a.txt', '<!DOCTYPE html><p>x')).kind).toBe('html');
    expect((await read('a.html', 'no tags at all')).kind).toBe('text');
    for (const [bytes, why] of [
      ['{\\rtf1 x}', /RTF/],
      ['\x89PNG\r\n', /picture/],
      ['\x1f\x8b\x08', /packed archive/],
      ['%!PS-Adobe', /PostScript/],
    ] as const)
      await expect(read('a.pdf', Buffer.from(bytes, 'latin1'))).rejects.toMatchObject(reason(why));
  });
});
