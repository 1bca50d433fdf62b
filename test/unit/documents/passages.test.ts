import { describe, expect, it } from 'vitest';
import { fused } from '../../../electron/core/documents/choosing.ts';
import { alike, passagesOf } from '../../../electron/core/documents/passages.ts';

const pages = [
  { page: 4, text: 'The sea was calm. Nobody spoke of the carpenter. We ate at noon and slept.' },
  {
    page: 9,
    text: 'It rained. The carpenter was over fifty years of age, and quick. The boat lay still. We waited.',
  },
  { page: 11, text: 'A boat came in the night.' },
];

describe('passages', () => {
  it('hold most of what is asked for, best first, one of each page', () => {
    const found = passagesOf('How old was the quick carpenter?', pages, 12);
    expect(found.map(({ page }) => page)).toEqual([9, 4, 11]);
    expect(found[0]?.text).toContain('over fifty years of age');
    expect(found[2]?.score).toBe(0);
  });
  it('are whole sentences, as few as have so many words', () => {
    const [best] = passagesOf('carpenter', [pages[1] ?? { page: 0, text: '' }], 3);
    expect(best?.text).toBe('The carpenter was over fifty years of age, and quick.');
    const [longer] = passagesOf('carpenter', [pages[1] ?? { page: 0, text: '' }], 13);
    expect(longer?.text).toBe('The carpenter was over fifty years of age, and quick. The boat lay still.');
  });
  it('weigh a rare word more than one that is everywhere', () => {
    const texts = [
      { page: 1, text: 'The ship lay there.' },
      { page: 2, text: 'The ship left. The ship came.' },
      { page: 3, text: 'An albatross flew by.' },
    ];
    expect(passagesOf('ship albatross', texts, 4)[0]?.page).toBe(3);
  });
  it('are none of pages without words', () => {
    expect(passagesOf('carpenter', [{ page: 1, text: ' \n — ' }], 30)).toEqual([]);
  });
  it('take forms of a word for the word', () => {
    expect([alike('bakes', 'baked'), alike('photograph', 'photographer'), alike('tea', 'tea')]).toEqual([
      true,
      true,
      true,
    ]);
    expect([alike('station', 'states'), alike('tea', 'team'), alike('1934', '1935')]).toEqual([
      false,
      false,
      false,
    ]);
  });
});

it('rankings are fused: what two of them have near the top comes first', () => {
  expect(fused(['a', 'b', 'c'], ['b', 'd'])).toEqual(['b', 'a', 'd', 'c']);
  expect(fused(['a', 'b'])).toEqual(['a', 'b']);
  expect(fused()).toEqual([]);
});
