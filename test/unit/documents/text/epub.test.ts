import { describe, expect, it } from 'vitest';
import { committed, read, readPath, reason } from './reading.ts';
import { writeEpub } from './write-zip.ts';

describe('an EPUB', () => {
  it('is read in the order of its spine, by parts and headings', async () => {
    const { kind, title, pages } = await read(
      'b.epub',
      writeEpub([
        { href: 'z.xhtml', body: '<h1>One</h1><p>first</p><h2>One and a half</h2><p>still</p>' },
        { href: 'a.xhtml', body: '<p>no heading</p>' },
      ]),
    );
    expect([kind, title]).toEqual(['epub', 'A book']);
    expect(pages).toEqual([
      { label: 'One', text: 'One\n\nfirst' },
      { label: 'One and a half', text: 'One and a half\n\nstill' },
      { label: '3', text: 'no heading' },
    ]);
  });
  it('finds parts with percent codes and in folders beside', async () => {
    const { pages } = await read(
      'c.epub',
      writeEpub(
        [
          { href: 'text/caf%C3%A9%201.xhtml', body: '<p>accent</p>' },
          { href: '../outside.xhtml', body: '<p>never</p>' },
        ],
        { extra: [{ name: 'outside.xhtml', content: '<p>up one</p>' }] },
      ),
    );
    expect(pages.map(({ text }) => text)).toEqual(['accent', 'up one']);
  });
  it('notes parts that are missing or lie outside of it', async () => {
    const { pages, notes } = await read(
      'd.epub',
      writeEpub(
        [
          { href: 'a.xhtml', body: '<p>here</p>' },
          { href: '../../../../etc/passwd', body: 'x' },
          { href: 'gone.xhtml', body: 'x' },
        ],
        { name: (href) => (href === 'a.xhtml' ? href : `else-${href.length}`) },
      ),
    );
    expect(pages.map(({ text }) => text)).toEqual(['here']);
    expect(notes).toEqual(['2 of 3 parts of the book are missing in the file.']);
  });
  it('whose spine names none of its parts is read as it lists them, and says so', async () => {
    const { pages, notes } = await readPath(committed('abiword-tides.epub'));
    expect(pages[0]?.text).toMatch(/^How the office began\n/);
    expect(notes).toEqual([expect.stringContaining('does not say in which order')]);
  });
  it('leaves its navigation out, and reads a part once', async () => {
    const { pages } = await read(
      'e.epub',
      writeEpub(
        [
          { href: 'nav.xhtml', body: '<p>contents</p>', attributes: 'properties="nav"' },
          { href: 'a.xhtml', body: '<nav>menu</nav><p>text</p>' },
          { href: 'a.xhtml', body: '<p>text</p>' },
        ].slice(0, 2),
      ),
    );
    expect(pages.map(({ text }) => text)).toEqual(['text']);
  });
  it('does not let an empty title swallow the book', async () => {
    const { pages } = await read(
      'f.epub',
      writeEpub([{ href: 'a.xhtml', body: '<script src="x.js"/><p>kept&nbsp;&eacute;</p>' }]),
    );
    expect(pages[0]?.text).toBe('kept é');
  });
  it('keeps right-to-left text in the order of reading', async () => {
    const { pages } = await read(
      'g.epub',
      writeEpub([{ href: 'a.xhtml', body: '<p dir="rtl">في عام 1871 <b>عين</b></p>' }]),
    );
    expect(pages[0]?.text).toBe('في عام 1871 عين');
  });
  it('is refused when its seller locked it, but not for its fonts', async () => {
    const lock = (part: string) => ({
      name: 'META-INF/encryption.xml',
      content: `<encryption><EncryptedData><CipherData><enc:CipherReference URI="${part}"/></CipherData></EncryptedData></encryption>`,
    });
    const chapter = [{ href: 'a.xhtml', body: '<p>text</p>' }];
    await expect(read('h.epub', writeEpub(chapter, { extra: [lock('OPS/a.xhtml')] }))).rejects.toMatchObject(
      reason(/DRM/),
    );
    expect((await read('i.epub', writeEpub(chapter, { extra: [lock('OPS/font.otf')] }))).pages).toHaveLength(
      1,
    );
  });
  it('is refused with a reason when there is nothing to read', async () => {
    await expect(read('j.epub', writeEpub([]))).rejects.toMatchObject(reason(/no part to read/));
    await expect(read('k.epub', writeEpub([{ href: 'a.xhtml', body: '' }]))).rejects.toMatchObject(
      reason(/holds no text/),
    );
    await expect(read('l.epub', writeEpub([]).subarray(0, 200))).rejects.toMatchObject(
      reason(/archive is damaged/),
    );
  });
});
