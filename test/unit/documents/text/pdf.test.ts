import { describe, expect, it } from 'vitest';
import { seeded } from '../../../user/seeded.ts';
import { flowing, read, reason } from './reading.ts';
import { column, type Line, writePdf } from './write-pdf.ts';

const prose = [
  'the harbour of Saltmarsh was given an officer for',
  'the tides and he wrote that an efficient clerk finds',
  'the figures of five different stations before noon',
  'so that nothing of the affluent flow escapes him.',
];
const page = async (lines: readonly Line[]) => (await read('one.pdf', writePdf([lines]))).pages[0]?.text;

const words = 'harbour tide moon officer pencil drum float chain figure station'.split(' ');
const said = (mark: string, i: number) =>
  `${mark} ${words
    .slice(i % 5)
    .concat(words)
    .slice(0, 5)
    .join(' ')}`;
const side = (mark: string, x: number, count: number) =>
  column(
    Array.from({ length: count }, (_, i) => said(mark, i)),
    { x, top: 430, size: 8, pitch: 11 },
  );
const order = (text: string | undefined, marks: RegExp) =>
  [...(text ?? '').matchAll(marks)]
    .map(([found]) => found)
    .join('')
    .replace(/(.)\1+/g, '$1');

describe('the text of a PDF page', () => {
  it('is one paragraph while lines follow each other, with ligatures as letters', async () => {
    expect(await page(column(prose))).toBe(prose.join(' '));
  });
  it('has paragraphs where lines stand apart, are indented, or end early', async () => {
    const apart = [...column(prose), ...column(prose, { top: 440 })];
    expect((await page(apart))?.split('\n\n')).toEqual([prose.join(' '), prose.join(' ')]);
    const indented = column([...prose, ...prose]).map((line, i) => (i === 4 ? { ...line, x: 64 } : line));
    expect((await page(indented))?.split('\n\n')).toHaveLength(2);
    const early = column([...prose.slice(0, 3), 'he went.', ...prose]);
    expect((await page(early))?.split('\n\n')[0]).toMatch(/noon he went\.$/);
  });
  it('keeps headings and items on lines of their own', async () => {
    const text = await page([
      { x: 50, y: 550, text: 'The Office', size: 16 },
      ...column(['Needed are', '• a float', '• two pencils']),
    ]);
    expect(text).toBe('The Office\n\nNeeded are\n• a float\n• two pencils');
  });
  it('goes down the left column before the right, between lines that cross both', async () => {
    const left = column(
      prose.map((line) => `l ${line.slice(0, 30)}`),
      { x: 40, top: 500, size: 9 },
    );
    const right = column(
      prose.map((line) => `r ${line.slice(0, 30)}`),
      { x: 230, top: 497, size: 9 },
    );
    const more = [left, right].map((side) => side.map((line) => ({ ...line, y: line.y - 52 })));
    const title: Line = { x: 90, y: 540, text: 'A title that runs across both columns of it', size: 12 };
    // Drawn row by row, as some programs do.
    const rows = left.flatMap((line, i) => [line, right[i] as Line]);
    const text = await page([title, ...rows, ...(more as Line[][]).flat()]);
    expect(text?.startsWith(title.text)).toBe(true);
    const order = [...(text ?? '').matchAll(/\b[lr] (?=the|so)/g)].map(([found]) => found[0]);
    expect(order.join('')).toBe('llllllllrrrrrrrr');
  });
  it('goes down the columns below a long title and authors, past formulas, and through a bibliography', async () => {
    const authors = Array.from({ length: 9 }, (_, i) => ({
      ...{ x: 60, y: 550 - 12 * i, size: 9 },
      text: `Author ${i} of the Office of the Tides at the harbour of Saltmarsh, and others`,
    }));
    const first = await page([...authors, ...side('q', 40, 30), ...side('z', 230, 30)]);
    expect(first).toMatch(/^Author 0/);
    expect(order(first, /\b[qz]\b/g)).toBe('qz');
    // A formula is set piece by piece.
    const formula = Array.from({ length: 40 }, (_, i) => ({
      ...{ x: 232 + 16 * (i % 10), y: 90 - 9 * Math.floor(i / 10), size: 6, text: 'x' },
    }));
    expect(order(await page([...side('q', 40, 30), ...side('z', 230, 30), ...formula]), /\b[qz]\b/g)).toBe(
      'qz',
    );
    const entries = (x: number, from: number) =>
      column(
        Array.from({ length: 16 }, (_, i) => `[${from + i}] A. Finch. The Tides, Part ${from + i}. 1871.`),
        {
          ...{ x, top: 500, size: 8 },
        },
      );
    const numbers = [
      ...((await page([...entries(40, 10), ...entries(230, 26)])) ?? '').matchAll(/\[(\d+)\]/g),
    ];
    expect(numbers.map(([, number]) => Number(number))).toEqual(Array.from({ length: 32 }, (_, i) => 10 + i));
  });
  it('finds the columns below a listing that takes the whole width, whose rows stay together', async () => {
    const listing = Array.from({ length: 24 }, (_, i) => [
      { x: 40, y: 560 - 8 * i, text: `step ${i}`, size: 6 },
      { x: 120, y: 560 - 8 * i, text: `does the thing number ${i} with the drum and the chain`, size: 6 },
    ]).flat();
    const caption = {
      x: 40,
      y: 356,
      text: 'Figure 1. The listing tells what the office does with its figures, and when it does.',
      size: 8,
    };
    const below = [40, 230].flatMap((x, i) =>
      column(
        Array.from({ length: 16 }, (_, n) => said(i ? 'z' : 'q', n)),
        { x, top: 320, size: 8, pitch: 11 },
      ),
    );
    const text = await page([...listing, caption, ...below]);
    expect(text).toMatch(/^step 0 \| does the thing number 0/);
    expect(text).toMatch(/step 23 \| does the thing number 23/);
    expect(order(text, /\b[qz]\b/g)).toBe('qz');
  });
  it('keeps the answers of a form in their rows, whatever dots stand there to be written on', async () => {
    const rows = [
      'Did you eat anything before you went to bed?',
      'Did you drink anything that day?',
      'Did you read at all?',
    ];
    const lines = [0, 1, 2].flatMap((part) =>
      rows.flatMap((text, i) => {
        const y = 500 - 12 * (3 * part + i);
        return [
          { x: 40, y, text: `${part}${i} ${text}`, size: 8 },
          { x: 250, y, text: 'yes', size: 8 },
          { x: 290, y, text: `no what? ${'.'.repeat(30)}`, size: 8 },
        ];
      }),
    );
    for (const line of (await page(lines))?.split('\n') ?? [])
      expect(line).toMatch(/^\d\d .*\? \| yes \| no/);
  });
  it('reads a table by rows though its columns stand apart', async () => {
    const rows = ['Saltmarsh', 'Old Wharf', 'Lighthouse', 'Northern Pier', 'Island', 'Customs House'];
    const cells = rows.flatMap((name, i) => [
      { x: 50, y: 500 - 14 * i, text: name },
      { x: 180, y: 500 - 14 * i, text: String(400 + i) },
      { x: 300, y: 500 - 14 * i, text: `Keeper ${i}` },
    ]);
    expect(await page(cells)).toBe(rows.map((name, i) => `${name} | ${400 + i} | Keeper ${i}`).join('\n'));
  });
  it('joins a word that a line divides, and keeps the hyphens that words have', async () => {
    const text = await page(
      column([
        'An inter-',
        'national office of well-known people and self-',
        'evident rules writes 1990-',
        '1995 and Saltmarsh-',
        'Northern, and it is well-',
        'known that state space is not state-',
        'space for them, says the office.',
      ]),
    );
    expect(text?.replaceAll('\n', ' ')).toBe(
      'An international office of well-known people and self-evident rules writes 1990-1995 and Saltmarsh-Northern, and it is well-known that state space is not state-space for them, says the office.',
    );
  });
  it('shows once what is drawn twice to look bold', async () => {
    expect(
      await page([
        { x: 50, y: 500, text: 'Bold' },
        { x: 50.3, y: 500, text: 'Bold' },
      ]),
    ).toBe('Bold');
  });
});

describe('what repeats on the pages of a PDF', () => {
  const random = seeded(7);
  const body = () =>
    column(
      Array.from({ length: 20 }, () => random.pick(prose)).map(
        (line, i) => `${line} ${random.between(0, 9)}${i}`,
      ),
    );
  const book = (count: number) =>
    Array.from({ length: count }, (_, i) => [
      {
        x: i % 2 ? 50 : 300,
        y: 570,
        text: i % 2 ? 'The Office of the Tides' : `Chapter ${1 + Math.floor(i / 6)}`,
      },
      ...body(),
      { x: 200, y: 30, text: String(i + 1) },
    ]);

  it('is left out: heads that alternate and change with chapters, and numbers that go on', async () => {
    const { pages, notes } = await read('book.pdf', writePdf(book(24)));
    expect(flowing(pages)).not.toMatch(/The Office|Chapter/);
    for (const { text } of pages) expect(text).toMatch(/^(the|so).* \d+$/s);
    expect(notes).toEqual([expect.stringContaining('left out on 24 pages')]);
  });
  it('stays when it is no furniture: a number that does not go on, a line in the middle, a first line of the text', async () => {
    const sheets = Array.from({ length: 6 }, (_, i) => [
      ...column(['The same first line on each of the pages', ...prose], { top: 540 }),
      { x: 50, y: 300, text: 'Refrain' },
      { x: 200, y: 30, text: String([412, 37, 398, 52, 441, 18][i]) },
    ]);
    const { pages } = await read('poem.pdf', writePdf(sheets));
    for (const [i, { text }] of pages.entries()) {
      expect(text).toContain('The same first line');
      expect(text).toContain('Refrain');
      expect(text).toContain(String([412, 37, 398, 52, 441, 18][i]));
    }
  });
});

describe('a PDF as a file', () => {
  it('has 500 pages in order within seconds', async () => {
    const numbered = Array.from({ length: 500 }, (_, i) =>
      column([...prose, `This is the sheet with the mark M${i}M.`]),
    );
    const { pages } = await read('long.pdf', writePdf(numbered, '/Title(A long one)'));
    expect(pages).toHaveLength(500);
    expect(pages.every(({ text, label }, i) => text.includes(`M${i}M`) && label === String(i + 1))).toBe(
      true,
    );
  });
  it('is called as it says, else as its file', async () => {
    expect((await read('a.pdf', writePdf([column(prose)], '/Title(Named)'))).title).toBe('Named');
    expect((await read('Report 7.pdf', writePdf([column(prose)]))).title).toBe('Report 7');
  });
  it('is repaired when its table of objects is gone, and refused when nothing is left of it', async () => {
    const whole = writePdf([column(prose)]);
    const lost = whole
      .toString('latin1')
      .replace(/startxref\n\d+/, 'startxref\n7')
      .replaceAll(' 00000 n', ' 99999 n');
    const { pages } = await read('lost.pdf', Buffer.from(lost, 'latin1'));
    expect(pages[0]?.text).toBe(prose.join(' '));
    await expect(read('cut.pdf', whole.subarray(0, 40))).rejects.toMatchObject(reason(/no whole PDF/));
    await expect(read('noise.pdf', `%PDF-1.7\n${'x'.repeat(5000)}`)).rejects.toMatchObject(
      reason(/no whole PDF/),
    );
  });
  it('has a note for pages that are damaged, and keeps the others', async () => {
    const file = writePdf([column(prose), column(prose), column(prose)]).toString('latin1');
    const broken = file
      .replace('7 0 obj\n<</Type/Page/', '7 0 obj\n<</Tape/Page/')
      .replace('Contents 8 0', 'Contents 9 9');
    const { pages } = await read('holes.pdf', Buffer.from(broken, 'latin1'));
    expect(pages[0]?.text).toBe(prose.join(' '));
    expect(pages[2]?.text).toBe(prose.join(' '));
  });
  it('is refused with the reason when it has no text, too many pages, or too much text, and no boast is believed', async () => {
    await expect(read('blank.pdf', writePdf([[], []]))).rejects.toMatchObject(reason(/holds no text/));
    const five = writePdf(Array.from({ length: 5 }, () => column(prose)));
    await expect(read('five.pdf', five, { pages: 4 })).rejects.toMatchObject(reason(/5 pages, more than 4/));
    await expect(read('five.pdf', five, { characters: 300 })).rejects.toMatchObject(
      reason(/more than 300 characters/),
    );
    const boast = five.toString('latin1').replace('/Count 5', '/Count 2000000000');
    expect((await read('boast.pdf', Buffer.from(boast, 'latin1'))).pages).toHaveLength(5);
  });
});
