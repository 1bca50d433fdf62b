import { describe, expect, it } from 'vitest';
import { groupsOf } from '../../../electron/core/documents/merging.ts';
import {
  distinct,
  joined,
  overlap,
  pagesOf,
  sentencesOf,
  wholeSentences,
} from '../../../electron/core/documents/sentences.ts';

describe('sentences', () => {
  it('are told apart, lines joined', () => {
    expect(sentencesOf('He said “no.” Then\nhe left! 海に行った。帰った。 Why?')).toEqual([
      'He said “no.”',
      'Then he left!',
      '海に行った。',
      '帰った。',
      'Why?',
    ]);
    expect(sentencesOf(' \n— … ')).toEqual([]);
    expect(sentencesOf('No end')).toEqual(['No end']);
  });
  it('are whole where a text was cut', () => {
    expect(wholeSentences('One. Two! And thr')).toBe('One. Two!');
    expect(wholeSentences('He said “no.” And')).toBe('He said “no.”');
    expect(wholeSentences('Nothing whole')).toBe('Nothing whole');
    expect(wholeSentences('Costs 3.5 coins. Or')).toBe('Costs 3.5 coins.');
    expect(wholeSentences('')).toBe('');
  });
  it('share words, whatever their length', () => {
    expect(overlap('The storm broke the mast', 'A mast that the storm had broken')).toBeCloseTo(2 / 3);
    expect(overlap('storm', 'The storm was long')).toBe(1);
    expect(overlap('', 'storm')).toBe(0);
  });
  it('have the pages of what they share most with', () => {
    const note = (text: string, first: number, last: number) => ({ text, pages: [{ first, last }] });
    const notes = [
      note('The storm broke the mast.', 1, 2),
      note('They baked bread.', 3, 4),
      note('Nothing.', 5, 5),
    ];
    expect(pagesOf('A storm broke their mast.', notes)).toEqual([{ first: 1, last: 2 }]);
    expect(pagesOf('A storm, while bread was baked.', notes)).toEqual([{ first: 1, last: 4 }]);
    expect(pagesOf('42', notes)).toEqual([{ first: 1, last: 5 }]);
  });
});

describe('page ranges', () => {
  it('that touch are one', () => {
    const range = (first: number, last: number) => ({ first, last });
    expect(joined([range(5, 6), range(1, 2), range(2, 3), range(9, 9), range(7, 7)])).toEqual([
      range(1, 3),
      range(5, 7),
      range(9, 9),
    ]);
    expect(joined([range(1, 9), range(2, 3)])).toEqual([range(1, 9)]);
  });
});

describe('what is said twice', () => {
  const said = (text: string, page: number) => ({ text, pages: [{ first: page, last: page }] });
  it('stands once, with the pages of both', () => {
    const all = [
      said('The officer measured the tides at Saltmarsh.', 1),
      said('A storm came.', 2),
      said('At Saltmarsh the officer measured tides.', 3),
    ];
    expect(distinct(all)).toEqual([
      {
        text: all[0]?.text,
        pages: [
          { first: 1, last: 1 },
          { first: 3, last: 3 },
        ],
      },
      all[1],
    ]);
  });
  it('is not what adds something, were it a number', () => {
    const all = [
      said('Profit rose by 5 percent.', 1),
      said('Profit rose by 9 percent.', 2),
      said('Profit rose by 9 percent in the northern harbours.', 3),
    ];
    expect(distinct(all)).toEqual(all);
  });
});

describe('groups', () => {
  it('hold all in order, evenly', () => {
    for (let length = 1; length < 40; length++)
      for (let count = 1; count <= length; count++) {
        const items = Array.from({ length }, (_, i) => i);
        const groups = groupsOf(items, count);
        expect(groups.flat()).toEqual(items);
        const sizes = groups.map((group) => group.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }
  });
});
