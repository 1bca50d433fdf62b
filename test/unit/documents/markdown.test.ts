import { expect, it } from 'vitest';
import type { Summary } from '../../../electron/shared/documents.ts';
import { summaryMarkdown } from '../../../electron/shared/documents-markdown.ts';

const summary: Summary = {
  ...{ id: 's', document: 'd', model: 'Tiny', at: Date.UTC(2026, 10, 24), ms: 1 },
  ...{ style: 'key-points', length: 'short', focus: 'tides', careful: true, language: '' },
  sentences: [
    { text: '# It rose\n*twice*.', pages: [{ first: 3, last: 3 }] },
    {
      text: '1. It fell.',
      pages: [
        { first: 4, last: 6 },
        { first: 9, last: 9 },
      ],
    },
  ],
  keySentences: [{ text: 'A pencil <drew> it.', pages: [{ first: 2, last: 2 }] }],
  notes: [],
  ...{ pagesRead: 12, pages: 12, warnings: ['1 of 6 notes stayed empty and were left out (pages 7–8).'] },
};

it('has title, points with pages, the document’s own sentences, and where it all came from', () => {
  expect(summaryMarkdown({ title: 'The Sea', path: '/somewhere/sea [1].pdf' }, summary)).toBe(
    [
      '# The Sea',
      'About: tides',
      '- \\# It rose \\*twice\\*. (p. 3)\n- 1\\. It fell. (pp. 4–6, p. 9)',
      '## Sentences of the document',
      '> A pencil \\<drew\\> it. (p. 2)',
      '---',
      'Written by Tiny on 2026-11-24 from 12 of 12 pages, each read twice, of sea \\[1\\].pdf. It may be wrong; what is quoted stands in the document.',
      '1 of 6 notes stayed empty and were left out (pages 7–8).\n',
    ].join('\n\n'),
  );
});
it('says where there is nothing to say', () => {
  const none = summaryMarkdown(
    { title: 'The Sea', path: 'sea.pdf' },
    { ...summary, sentences: [], focus: '' },
  );
  expect(none).toContain('# The Sea\n\nThe model said nothing of use.\n\n## Sentences');
});
