import { describe, expect, it } from 'vitest';
import { read, reason } from './reading.ts';

const text = async (html: string | Uint8Array) =>
  (await read('a.html', html)).pages.map((page) => page.text).join('\n\n');

describe('an HTML file', () => {
  it('gives what is read, not what is run, steered by or hidden', async () => {
    expect(
      await text(
        `<!doctype html><html><head><title>T</title><style>p{}</style><script>alert("<p>no</p>")</script></head><body>
        <nav><a href="/">Home</a></nav><div role="navigation">menu</div><p>One<!-- two --> <b>bold</b>word.</p><p hidden>no</p>
        <p style="display: none">no</p><noscript>no</noscript><svg><text>no</text></svg><iframe src="http://x.invalid/"></iframe>
        <img src="http://x.invalid/a.png" alt="no"><form><button>no</button><select><option>no</select></form><p>end</body>`,
      ),
    ).toBe('One boldword.\n\nend');
  });
  it('has sections by headings and its title by the title, the first heading, or its name', async () => {
    const { pages, title } = await read(
      'x.html',
      '<html><title>A &amp; B</title><h1>One</h1><p>1<h2>Two</h2><p>2',
    );
    expect(title).toBe('A & B');
    expect(pages).toEqual([
      { label: 'One', text: 'One\n\n1' },
      { label: 'Two', text: 'Two\n\n2' },
    ]);
    expect((await read('x.html', '<html><h3>Head <i>line</i></h3>x')).title).toBe('Head line');
    expect((await read('My page.html', '<html><p>x')).title).toBe('My page');
  });
  it('has tables as rows, but layouts as paragraphs', async () => {
    expect(
      await text(
        '<html><table><caption>C</caption><tr><th>a<th>b<tr><td>1<td>2<br>3<tr><td><table><tr><td>x<td>y</table><td>z</table>',
      ),
    ).toBe('C\na | b\n1 | 2 3\nx y | z');
    const long = 'word '.repeat(100).trim();
    expect(await text(`<html><table><tr><td>side<td><p>${long}</p><p>second</p></table>`)).toBe(
      `side\n\n${long}\nsecond`,
    );
  });
  it('has lists as lines with their numbers, and code as it is set', async () => {
    expect(await text('<html><ul>\n<li><p>a</p></li>\n<li>b<ol start=3><li>c<li>d</ol></ul>')).toBe(
      '- a\n- b\n3. c\n4. d',
    );
    expect(await text('<html><pre>if (x)\n    y();\n</pre>')).toBe('if (x)\n    y();');
  });
  it('has one reading of ruby, and breaks where a line breaks', async () => {
    expect(await text('<html><ruby>漢<rp>(<rt>kan<rp>)</ruby>字<br>next')).toBe('漢字\nnext');
  });
  it('is decoded as its mark, its meta element or its declaration says', async () => {
    const page = (declaration: string) => `<html><meta ${declaration}><p>Grüße, prêt`;
    expect(await text(Buffer.from(page('charset=iso-8859-1'), 'latin1'))).toBe('Grüße, prêt');
    expect(await text(Buffer.from(page('charset="utf-8"')))).toBe('Grüße, prêt');
    expect(
      await text(
        Buffer.from(page('http-equiv="Content-Type" content="text/html; charset=windows-1252"'), 'latin1'),
      ),
    ).toBe('Grüße, prêt');
    expect(await text(Buffer.from(`\ufeff${page('charset=x')}`, 'utf16le'))).toBe('Grüße, prêt');
    expect(await text(Buffer.from(page('charset=no-such-thing')))).toBe('Grüße, prêt');
    const koi8 = Buffer.concat([
      Buffer.from('<html><meta charset=koi8-r><p>'),
      Buffer.from([0xf0, 0xd2, 0xc9]),
    ]);
    expect(await text(koi8)).toBe('При');
  });
  it('takes out what would steer the reader: overrides, zero-width marks, soft hyphens, controls', async () => {
    expect(await text('<html><p>a&#8238;b&#8203;c&shy;d&#1;e&#xD800;f&nbsp;g')).toBe('abcde\ufffdf g');
  });
  it('is refused when there is nothing in it', async () => {
    await expect(read('e.html', '<html><script>x</script></html>')).rejects.toMatchObject(
      reason(/holds no text/),
    );
  });
});
