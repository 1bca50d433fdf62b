/** Files that other programs made of texts written for this (test/fixtures/documents/make.sh). */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { committed, flowing, readPath, reason } from './reading.ts';

const kinds: Record<string, string> = {
  pdf: 'pdf',
  docx: 'docx',
  epub: 'epub',
  html: 'html',
  md: 'markdown',
  txt: 'text',
};
const files = readdirSync(committed('.')).filter((name) => (name.split('.').at(-1) as string) in kinds);
const unreadable = ['qpdf-password.pdf', 'reportlab-scan.pdf', 'reportlab-no-font.pdf'];

/** What each text says, whatever program wrote it down. */
const sentences: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /tides|pandoc-(docx|epub|html|slidy|gfm|comm|mark|plain|rst|asc)/,
    [
      'the affluent tributary north of the wharf',
      'an efficient clerk should find the figures of five different stations before breakfast',
      'an unbelievable thunderstorm in September, and a misunderstanding with the fishermen',
      'a self-explanatory form',
      'their superposition explains nearly everything that an inexperienced visitor finds mysterious',
      'Meteorological influences are what remains.',
    ],
  ],
  [
    /-rtl/,
    ['في ربيع عام 1871 عين الميناء موظفا لمراقبة المد والجزر.', 'בשנת 1968 הוחלף העיפרון במכשיר מגנטי.'],
  ],
  [
    /-report|qpdf/,
    [
      'Three stations report every hour, and a fourth one whenever its keeper is awake.',
      'Meteorological influences are what remains when everything else has been explained by the moon.',
    ],
  ],
  [/docxjs/, ['בשנת 1968 הוחלף העיפרון במכשיר מגנטי.']],
  [
    /(groff|ghostscript|officegen)-letter/,
    ['I have sharpened the pencil, found the figures of five stations and fixed the chain.'],
  ],
];

describe('documents of independent programs', () => {
  it('are ten of each kind at least, not counting what cannot be read', () => {
    for (const ending of Object.keys(kinds)) {
      const those = files.filter((name) => name.endsWith(`.${ending}`) && !unreadable.includes(name));
      expect(those.length, ending).toBeGreaterThanOrEqual(10);
    }
  });
  for (const name of files.filter((name) => !unreadable.includes(name))) {
    it(`reads ${name}`, async () => {
      const { kind, title, pages } = await readPath(committed(name));
      expect(kind).toBe(kinds[name.split('.').at(-1) as string]);
      expect(title).not.toBe('');
      const text = flowing(pages);
      for (const [which, said] of sentences)
        if (which.test(name)) for (const one of said) expect(text).toContain(one);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\ue000-\uf8ff\ufb00-\ufb06\ufffd]/);
    });
  }
  for (const name of ['weasyprint-report.pdf', 'qpdf-owner.pdf', 'qpdf-rotated.pdf']) {
    it(`leaves out the running head and the page numbers of ${name}, and keeps the title`, async () => {
      const { pages, notes } = await readPath(committed(name));
      expect(pages.map(({ text }) => text.split('\n')[0])).toEqual([
        'Report of the tides',
        'Stations',
        'Weather',
        'Conclusion',
      ]);
      expect(flowing(pages)).not.toMatch(/Page \d of 4/);
      expect(notes).toEqual(['Headers, footers or page numbers that repeat were left out on 4 pages.']);
    });
  }
  for (const name of ['weasyprint-report.pdf', 'pdflatex-article.pdf', 'libreoffice-report.docx']) {
    it(`reads the table of ${name} row by row`, async () => {
      const { pages } = await readPath(committed(name));
      expect(pages.map(({ text }) => text).join('\n')).toContain(
        'Station | High | Low\nSaltmarsh | 412 | 37\nOld Wharf | 398 | 52\nLighthouse | 441 | 18',
      );
    });
  }
  for (const name of [
    'pandoc-docx.docx',
    'pandoc-epub3.epub',
    'pandoc-html5.html',
    'libreoffice-tides.html',
  ]) {
    it(`makes sections of the headings of ${name}`, async () => {
      const { title, pages } = await readPath(committed(name));
      expect(title).toBe('The Office of the Tides');
      expect(pages.slice(1).map(({ label }) => label)).toEqual([
        'How the office began',
        'The first table',
        'What was needed',
        'How the office works today',
      ]);
    });
  }
  it('reads the left column of TeX before the right one, words joined', async () => {
    const [page] = (await readPath(committed('pdflatex-columns.pdf'))).pages;
    expect(page?.text.split('\n\n').slice(0, 3)).toEqual(['Two Columns of the Office', 'A. Finch', '1 Left']);
    expect(page?.text).toContain('misunderstanding with the fishermen made the difficult situation worse');
    expect(page?.text).toMatch(/unanimously accepted\.\n\n2 Right\n\nThe right column speaks of computers\./);
    expect(page?.text).not.toMatch(/\p{Ll}- /u);
  });
  it('keeps the labels that pages are printed with', async () => {
    const { pages } = await readPath(committed('reportlab-labels.pdf'));
    expect(pages.map(({ label }) => label)).toEqual(['i', 'ii', '1', '2']);
  });
  it('reads what a form was filled in with, where it stands, but no password', async () => {
    const { pages } = await readPath(committed('reportlab-form.pdf'));
    expect(flowing(pages)).toBe('Keeper: | A. Finch of the lighthouse Station: | Old Wharf Secret:');
  });
  it('says which share of the pages is a scan', async () => {
    const { pages, notes } = await readPath(committed('reportlab-half-scan.pdf'));
    expect(pages.map(({ text }) => text !== '')).toEqual([true, false, true, false]);
    expect(notes).toEqual(['2 of 4 pages hold pictures only.']);
  });
  it('says that a scan holds no text', async () => {
    await expect(readPath(committed('reportlab-scan.pdf'))).rejects.toMatchObject(
      reason(/all 3 pages hold pictures only/),
    );
  });
  it('says that letters have no text where their font is missing', async () => {
    await expect(readPath(committed('reportlab-no-font.pdf'))).rejects.toMatchObject(
      reason(/its page holds letters of fonts that are not in the file/),
    );
  });
  it('says that a password is in the way, and not for a file that anybody may open', async () => {
    await expect(readPath(committed('qpdf-password.pdf'))).rejects.toMatchObject(
      reason(/protected by a password/),
    );
    expect((await readPath(committed('qpdf-owner.pdf'))).pages).toHaveLength(4);
  });
  it('takes what was inserted, not what was deleted or remarked; numbers footnotes and keeps cells that span', async () => {
    const text = flowing((await readPath(committed('docxjs-letter.docx'))).pages);
    expect(text).toContain('the figures of five stations and fixed the chain[1].');
    expect(text).toContain('[1] The chain is in the museum.');
    expect(text).toContain('Station | Heights Saltmarsh | 412 | 37');
    expect(text).not.toMatch(/lost|REMARK|HEADER/);
  });
  it('leaves the headers and footers of Word out', async () => {
    expect(flowing((await readPath(committed('python-docx.docx'))).pages)).not.toMatch(/CONFIDENTIAL|FOOTER/);
  });
});
