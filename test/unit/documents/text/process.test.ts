/** What a hostile file may do to the process that reads it, and cannot do to the one that asks. */
import { describe, expect, it } from 'vitest';
import { extractText } from '../../../../electron/core/documents/text/extract.ts';
import { committed, fileOf, readPath, reason } from './reading.ts';
import { column, writePdf } from './write-pdf.ts';
import { paragraph, writeDocx, writeEpub, writeZip } from './write-zip.ts';

const long = 60_000;

describe('reading in a process of its own', () => {
  it('gives the same as reading here, with progress and a sum of characters', async () => {
    const told: number[][] = [];
    const text = await extractText(committed('weasyprint-report.pdf'), {
      onProgress: (done, total) => told.push([done, total]),
    });
    expect(text).toMatchObject({
      kind: 'pdf',
      title: 'Report of the tides',
      pages: [{ label: '1' }, {}, {}, {}],
    });
    expect(text.characters).toBe(text.pages.reduce((sum, page) => sum + page.text.length, 0));
    expect(told.at(-1)).toEqual([4, 4]);
  });
  it(
    'carries many pages and much text over',
    async () => {
      const page = `${'word '.repeat(500)}\f`;
      const { pages, characters } = await extractText(fileOf('many.txt', page.repeat(4000)));
      expect(pages).toHaveLength(4000);
      expect(characters).toBe(4000 * 2499);
    },
    long,
  );
  it('says why a file cannot be opened', async () => {
    await expect(extractText('/nowhere/at all.pdf')).rejects.toMatchObject({ code: 'file-unreadable' });
    await expect(extractText(committed('.'))).rejects.toMatchObject({ code: 'file-unreadable' });
    await expect(extractText(committed('reportlab-scan.pdf'))).rejects.toMatchObject(reason(/pictures only/));
  });
  it(
    'ends at once when it is cancelled, before or during',
    async () => {
      const stop = new AbortController();
      const reading = extractText(slow(), { signal: stop.signal, onProgress: () => stop.abort() });
      await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
      await expect(extractText(slow(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'cancelled',
      });
    },
    long,
  );
  it(
    'ends when its time is over, though its thread is busy',
    async () => {
      const depth = `<div>`.repeat(300_000) + '</x>'.repeat(300_000);
      await expect(
        extractText(fileOf('deep.html', `<html>${depth}text`), { limits: { seconds: 1 } }),
      ).rejects.toMatchObject(reason(/took more than 1 seconds/));
    },
    long,
  );
  it(
    'ends when it takes too much memory, on the heap or beside it',
    async () => {
      const items = fileOf('wide.html', `<html>${'<p>a</p>'.repeat(3_000_000)}`);
      await expect(extractText(items, { limits: { memoryBytes: 160 * 2 ** 20 } })).rejects.toMatchObject(
        reason(/more memory than 160 MB/),
      );
      // A sound file, whose bytes lie beside the heap: only the guard sees them.
      const sound = writePdf([column(['text'])]);
      const table = sound.indexOf('xref');
      const padding = Buffer.alloc(300 * 2 ** 20, '\n');
      const end = sound
        .toString('latin1', table)
        .replace(/startxref\n\d+/, `startxref\n${table + padding.length}`);
      const large = fileOf('large.pdf', Buffer.concat([sound.subarray(0, table), padding, Buffer.from(end)]));
      expect(await readPath(large)).toMatchObject({ pages: [{ text: 'text' }] });
      await expect(extractText(large, { limits: { memoryBytes: 256 * 2 ** 20 } })).rejects.toMatchObject(
        reason(/more memory than 256 MB/),
      );
    },
    long,
  );
});

describe('a hostile file', () => {
  const bomb = Buffer.alloc(80 * 2 ** 20, ' ');
  const limits = { unpackedBytes: 64 * 2 ** 20 };
  it(
    'may not unpack to more than is allowed, in one part or all together, whatever sizes it tells',
    async () => {
      const one = fileOf('one.docx', writeZip([{ name: 'word/document.xml', content: bomb }]));
      const lying = fileOf(
        'lie.docx',
        writeZip([{ name: 'word/document.xml', content: bomb, toldBytes: 10 }]),
      );
      const third = ' '.repeat(30 * 2 ** 20);
      const several = fileOf(
        'book.epub',
        writeEpub(['a', 'b', 'c'].map((name) => ({ href: `${name}.xhtml`, body: third }))),
      );
      for (const path of [one, lying, several])
        await expect(extractText(path, { limits })).rejects.toMatchObject(
          reason(/unpack to more than 64 MB/),
        );
    },
    long,
  );
  it(
    'cannot multiply entities',
    async () => {
      const entities = Array.from(
        { length: 20 },
        (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(20)}">`,
      ).join('');
      const xml = `<!DOCTYPE x [<!ENTITY e0 "lol"><!ENTITY file SYSTEM "file:///etc/passwd">${entities}]>`;
      const word = fileOf(
        'lol.docx',
        writeZip([
          {
            name: 'word/document.xml',
            content: `${xml}<w:document>${paragraph('&e20;&file;x')}</w:document>`,
          },
        ]),
      );
      const book = fileOf('lol.epub', writeEpub([{ href: 'a.xhtml', body: `${xml}<p>&e20;&file;x</p>` }]));
      for (const path of [word, book]) {
        const { pages } = await extractText(path);
        expect(pages[0]?.text.length).toBeLessThan(20_000);
        expect(pages[0]?.text).not.toMatch(/root:|lollol/);
      }
    },
    long,
  );
  it(
    'may not have countless parts, or two of one name',
    async () => {
      const many = Array.from({ length: 20_001 }, (_, i) => ({ name: `p${i}`, content: '' }));
      await expect(extractText(fileOf('many.epub', writeZip(many)))).rejects.toMatchObject(
        reason(/20001 parts/),
      );
      const twice = writeDocx(paragraph('a'), [{ name: 'word/document.xml', content: 'b' }]);
      await expect(extractText(fileOf('twice.docx', twice))).rejects.toMatchObject(reason(/twice/));
    },
    long,
  );
  it('may not be larger or hold more text than is allowed', async () => {
    const path = fileOf('fine.txt', 'word '.repeat(10_000));
    await expect(extractText(path, { limits: { fileBytes: 49_999 } })).rejects.toMatchObject(
      reason(/the file has/),
    );
    await expect(extractText(path, { limits: { characters: 9_999 } })).rejects.toMatchObject(
      reason(/9999 characters/),
    );
    await expect(extractText(path, { limits: { pages: 3 } })).rejects.toMatchObject(
      reason(/sections, more than 3/),
    );
  });
});

/** Seconds of work, with progress. */
const slow = () =>
  fileOf(
    'slow.pdf',
    writePdf(
      Array.from({ length: 3000 }, () => column(Array.from({ length: 30 }, (_, i) => `line ${i} of many`))),
    ),
  );
