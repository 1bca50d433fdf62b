import { describe, expect, it } from 'vitest';
import { attachedMark, composed, parted } from '../../electron/shared/attachments.ts';

const tides = { title: 'Tides', text: 'The sea rises.\n\nTwice a day.' };

describe('a message with documents', () => {
  it('has each in a block of its own, the words after them', () => {
    const text = composed({ documents: [tides], text: 'Why?' });
    expect(text).toBe(
      '<document 1 of 1, 28 characters: Tides>\nThe sea rises.\n\nTwice a day.\n</document>\n\nWhy?',
    );
    expect(text.startsWith(attachedMark)).toBe(true);
  });
  it.each([
    ['one', [tides]],
    ['several', [tides, { title: 'A > B: "C"', text: '' }, { title: '🦙', text: '語🦙\r\n' }]],
    [
      'one that ends a block',
      [{ title: 'x', text: `a\n</document>\n\n${composed({ documents: [tides], text: '' })}` }],
    ],
    [
      'one that is a message itself',
      [{ title: 'x', text: composed({ documents: [tides, tides], text: 'y' }) }],
    ],
  ])('is taken apart again: %s', (_what, documents) => {
    for (const text of ['Why?', '', '\n</document>\n\n', composed({ documents: [tides], text: 'z' })])
      expect(parted(composed({ documents, text }))).toEqual({ documents, text });
  });
  it('keeps a title in one line', () => {
    const text = composed({ documents: [{ title: ' a>\n<b\u2028c ', text: 't' }], text: 'w' });
    expect(parted(text)).toEqual({ documents: [{ title: 'a> <b c', text: 't' }], text: 'w' });
  });
});

describe('a text without documents', () => {
  const whole = composed({ documents: [tides, tides], text: 'Why?' });
  it.each([
    ['words', 'Why?'],
    ['nothing', ''],
    ['too long a count', whole.replace('28', '2800')],
    ['too short a count', whole.replace('28', '27')],
    ['fewer than told', composed({ documents: [tides], text: 'Why?' }).replace('of 1', 'of 2')],
    ['none told', whole.replaceAll('of 2', 'of 0')],
    ['another order', whole.replace('2 of 2', '3 of 2')],
    ['words before', ` ${whole}`],
  ])('stays as it is: %s', (_what, text) => {
    expect(parted(text)).toEqual({ documents: [], text });
  });
});
