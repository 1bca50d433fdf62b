import { describe, expect, it } from 'vitest';
import { faultOf, untilItRepeats } from '../../../electron/core/documents/degenerate.ts';

const request =
  'Answer in one short sentence, from the text above.\nQuestion: What did the officer of the tides do?';
const fault = (text: string) => faultOf(text, request);

describe('degenerate replies', () => {
  it('are empty ones', () => {
    for (const text of ['', ' \n', '...', '- —', '🦙']) expect(fault(text)).toBe('empty');
    expect(fault('The answer to this question is:')).toBe('empty');
    expect(fault('They took two things: a stove and a lamp.')).toBeNull();
  });
  it('are those that say one thing again and again', () => {
    expect(fault('The ship sank. '.repeat(5))).toBe('repeats');
    expect(fault('no '.repeat(20))).toBe('repeats');
    expect(
      fault(
        "The captain was the ship's captain, the ship's captain, the ship's captain, the ship's captain.",
      ),
    ).toBe('repeats');
    expect(
      fault(
        'It tells of a voyage, its gear, gear used, gear used, gear used, gear used, and the ship that sailed.',
      ),
    ).toBe('repeats');
    expect(
      fault(
        'The crew tried to find shelter in the dark hold of the ship when to find shelter in the dark hold of the ship was hard.',
      ),
    ).toBe('repeats');
    expect(
      fault('The penguins have a friendly appearance, and the penguins have a friendly appearance.'),
    ).toBe('repeats');
    expect(fault('その船は沈んだ。'.repeat(6))).toBe('repeats');
    expect(
      fault('A long and sensible beginning of twelve words that then is lost in and on and on and on and on'),
    ).toBe('repeats');
  });
  it('end before the sentence that says one thing twice', () => {
    const twice =
      'The crew of one was washed ashore by the rain, and the crew of the other was washed ashore by the rain.';
    expect(untilItRepeats(`The weather was fine. ${twice} They rowed.`)).toBe('The weather was fine.');
  });
  it('are those that copy what was asked for', () => {
    expect(fault(`Question: What did the officer of the tides do? ${request}`)).not.toBeNull();
    expect(fault('You are to answer in one short sentence, from the text above. Question: what?')).toBe(
      'copies',
    );
  });
  it('are none that make sense, short or long', () => {
    for (const text of [
      'Yes.',
      'No, no, no!',
      '42',
      '海に行った。',
      'The officer of the tides wrote down the height of the water every hour, and told the ships.',
      'The ship was damaged by a storm, and the crew was forced to make a difficult journey to the island to rescue them.',
      'It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness.',
      'First they rowed to the island. Then they climbed the hill, lit a fire, and waited for the ship to come. It came.',
    ])
      expect(fault(text), text).toBeNull();
  });
});
