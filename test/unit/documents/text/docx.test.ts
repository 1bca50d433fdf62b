import { describe, expect, it } from 'vitest';
import { read, reason } from './reading.ts';
import { paragraph, styles, writeDocx, writeZip } from './write-zip.ts';

const text = async (body: string, others: Parameters<typeof writeDocx>[1] = []) =>
  (await read('a.docx', writeDocx(body, others))).pages.map((page) => page.text).join('\n\n');
const run = (inner: string) => `<w:p><w:r>${inner}</w:r></w:p>`;

describe('a DOCX', () => {
  it('has sections by styles of any name, and a heading on its own joins the next', async () => {
    const { pages, title } = await read(
      'Draft.docx',
      writeDocx(
        `${paragraph('Before')}${paragraph('Teil eins', 'berschrift1')}${paragraph('Kapitel 1', 'Kapitel')}${paragraph('Text.')}${paragraph('Kapitel 2', 'Kapitel')}${paragraph('More.')}`,
        [styles],
      ),
    );
    expect(pages.map(({ label }) => label)).toEqual(['1', 'Teil eins › Kapitel 1', 'Kapitel 2']);
    expect(pages[1]?.text).toBe('Teil eins\n\nKapitel 1\n\nText.');
    expect(title).toBe('Teil eins');
  });
  it('has the words of tabs, breaks and hyphens, and none of fields, deletions and moves', async () => {
    expect(
      await text(
        `${run('<w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t><w:softHyphen/><w:t>e</w:t>')}
         <w:p><w:del><w:r><w:delText>gone</w:delText><w:t>gone</w:t></w:r></w:del><w:ins><w:r><w:t>new</w:t></w:r></w:ins>
         <w:moveFrom><w:r><w:t>away</w:t></w:r></w:moveFrom><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>`,
      ),
    ).toBe('a b\nc-de\n\nnew');
  });
  it('does not take the stops of a ruler for tabs', async () => {
    expect(
      await text(
        '<w:p><w:pPr><w:tabs><w:tab w:val="left" w:pos="720"/></w:tabs></w:pPr><w:r><w:t>x</w:t></w:r></w:p>',
      ),
    ).toBe('x');
  });
  it('has lists as lines, by the paragraph or by its style', async () => {
    const item = (name: string) =>
      `<w:p><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr><w:r><w:t>${name}</w:t></w:r></w:p>`;
    expect(
      await text(`${item('a')}${item('b')}${paragraph('c', 'Punkt')}${paragraph('end')}`, [styles]),
    ).toBe('- a\n- b\n- c\n\nend');
  });
  it('has tables as rows, also one within a cell', async () => {
    const cell = (inner: string) => `<w:tc>${inner}</w:tc>`;
    const inner = `<w:tbl><w:tr>${cell(paragraph('x'))}${cell(paragraph('y'))}</w:tr></w:tbl>`;
    expect(
      await text(
        `<w:tbl><w:tr>${cell(paragraph('A'))}${cell(paragraph('B'))}</w:tr><w:tr>${cell(paragraph(''))}${cell(paragraph('1') + paragraph('2'))}</w:tr><w:tr>${cell(inner)}${cell(paragraph('z'))}</w:tr></w:tbl>${paragraph('after')}`,
      ),
    ).toBe('A | B\n| 1 2\nx | y | z\n\nafter');
  });
  it('has footnotes below their section and text boxes once', async () => {
    const notes = (kind: string, id: string, said: string) => ({
      name: `word/${kind}s.xml`,
      content: `<w:${kind}s xmlns:w="w"><w:${kind} w:id="-1" w:type="separator">${paragraph('---')}</w:${kind}><w:${kind} w:id="${id}">${paragraph(said)}</w:${kind}></w:${kind}s>`,
    });
    const box = `<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>${paragraph('boxed')}</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>${paragraph('boxed')}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>around</w:t></w:r></w:p>`;
    expect(
      await text(
        `<w:p><w:r><w:t>One</w:t><w:footnoteReference w:id="2"/><w:t>, two</w:t><w:endnoteReference w:id="2"/></w:r></w:p>${box}${paragraph('Next', 'berschrift1')}${paragraph('n')}`,
        [styles, notes('footnote', '2', 'a foot'), notes('endnote', '2', 'an end')],
      ),
    ).toBe('One[1], two[2]\n\nboxed\n\naround\n\n[1] a foot\n\n[2] an end\n\nNext\n\nn');
  });
  it('has right-to-left text as it is spoken', async () => {
    expect(await text(paragraph('שלום 123 עולם'))).toBe('שלום 123 עולם');
  });
  it('may keep its main part elsewhere', async () => {
    const file = writeZip([
      {
        name: '_rels/.rels',
        content:
          '<Relationships><Relationship Type="http://x/officeDocument" Target="/word/document2.xml"/></Relationships>',
      },
      {
        name: 'word/document2.xml',
        content: `<w:document xmlns:w="w"><w:body>${paragraph('here')}</w:body></w:document>`,
      },
    ]);
    expect((await read('b.docx', file)).pages[0]?.text).toBe('here');
  });
  it('is divided where a section is as long as a book, and every word is there once', async () => {
    const words = Array.from({ length: 4000 }, (_, i) => `w${i}`);
    const body = Array.from({ length: 200 }, (_, i) =>
      paragraph(words.slice(20 * i, 20 * i + 20).join(' ')),
    ).join('');
    const { pages } = await read('long.docx', writeDocx(paragraph('All', 'berschrift1') + body, [styles]));
    expect(pages.length).toBeGreaterThan(5);
    expect(pages.slice(0, 2).map(({ label }) => label)).toEqual(['All', 'All (2)']);
    expect(pages.every(({ text }) => text.length < 4600 && /^(All\n\n)?w\d+ .* w\d+$/s.test(text))).toBe(
      true,
    );
    expect(pages.flatMap(({ text }) => text.match(/w\d+/g))).toEqual(words);
  });
  it('is refused with a reason when it is empty or its body is gone', async () => {
    await expect(read('e.docx', writeDocx(paragraph(' ')))).rejects.toMatchObject(reason(/holds no text/));
    await expect(read('x.docx', writeZip([{ name: 'xl/workbook.xml', content: '' }]))).rejects.toMatchObject(
      reason(/spreadsheet/),
    );
    await expect(read('p.docx', writeZip([{ name: 'ppt/x.xml', content: '' }]))).rejects.toMatchObject(
      reason(/presentation/),
    );
    await expect(read('o.docx', Buffer.from('d0cf11e0a1b11ae1', 'hex'))).rejects.toMatchObject(
      reason(/old Word file|password/),
    );
  });
});
