import { describe, expect, it } from 'vitest';
import { read } from './reading.ts';

const labels = async (text: string) => (await read('a.md', text)).pages.map(({ label }) => label);

describe('a Markdown file', () => {
  it('has sections by both kinds of headings, and keeps its marks', async () => {
    const { pages, title } = await read(
      'a.md',
      'Pre\n\nTitle *of* it\n=====\n\ntext\n\n## Two ##\n\n- a\n- b\n\nThree\n---\nc',
    );
    expect(pages).toEqual([
      { label: '1', text: 'Pre' },
      { label: 'Title of it', text: 'Title *of* it\n=====\n\ntext' },
      { label: 'Two', text: '## Two ##\n\n- a\n- b' },
      { label: 'Three', text: 'Three\n---\n\nc' },
    ]);
    expect(title).toBe('Title of it');
  });
  it('has no headings within fences, however they are closed', async () => {
    expect(
      await labels('# A\n```sh\n# no\n```\n~~~\n# no\n```\n~~~~\n# B\nb\n````\n# no\n```\n# no\n````\n'),
    ).toEqual(['A', 'B']);
    expect(await labels('# A\nx\n```\n# never closed')).toEqual(['A']);
  });
  it('takes no rule, list, table or tag for a heading', async () => {
    expect(await labels('# A\n\n---\n\n- item\n---\n\n| a |\n---\n#tag\n####### seven')).toEqual(['A']);
  });
  it('is called as its front matter says, which is no text', async () => {
    const { title, pages } = await read('a.md', '---\ntitle: "The one"\ntags: [x]\n---\n# Other\n\ntext');
    expect(title).toBe('The one');
    expect(pages[0]?.text).toBe('# Other\n\ntext');
  });
  it('keeps a rule at the top, which is no front matter', async () => {
    expect((await read('a.md', '---\n\njust text\n\n---\nmore')).pages[0]?.text).toContain('just text');
  });
  it('leaves comments out and keeps code as it is indented', async () => {
    expect((await read('a.md', 'a <!-- b\n# c --> d\n\n    code\n      more')).pages[0]?.text).toBe(
      'a  d\n\n    code\n      more',
    );
  });
  it('says its marks where they are escaped, but in code, and has no bare anchors', async () => {
    const text =
      '<a id="x"></a>## A\\.B\n\nself\\-made \\*not\\* `\\.md` ``\\` \\.`` \\\\ <a href="y">link</a>\n\n\\# no\n\n```\n\\.\n```';
    expect((await read('a.md', text)).pages).toEqual([
      {
        label: 'A.B',
        text: '## A.B\n\nself-made *not* `\\.md` ``\\` \\.`` \\ <a href="y">link</a>\n\n\\# no\n\n```\n\\.\n```',
      },
    ]);
  });
  it('is recognised without its ending', async () => {
    expect((await read('README', '# A\n\nText.\n\n## B\n\n- c')).kind).toBe('markdown');
    expect((await read('notes', '#!/bin/sh\n# comment\n- x')).kind).toBe('text');
    expect((await read('a.txt', '# A\n\n## B\n\n- c')).kind).toBe('text');
  });
});
