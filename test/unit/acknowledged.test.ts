/** The judge of the fault tests must itself be able to find somebody guilty. */
import { describe, expect, it } from 'vitest';
import { type Line, missing, seenTurns } from '../faults/lines.ts';

const lines: Line[] = [
  { at: 0, type: 'turn', id: 'u', text: 'Hi' },
  { at: 0, type: 'turn', id: 'r', text: '' },
  { at: 10, type: 'text', id: 'r', text: 'One ' },
  { at: 20, type: 'text', id: 'r', text: 'two ' },
  { at: 30, type: 'text', id: 'r', text: 'three' },
];
const verdict = (id: string, kept: string | null, more: Line[] = [], safeBefore = 25) => {
  const seen = seenTurns([...lines, ...more], safeBefore).get(id);
  if (!seen) throw new Error(`turn ${id} was not seen`);
  return missing(seen, kept);
};

describe('what was acknowledged', () => {
  it('of a reply under way may lack the last second, or be ahead of what was shown', () => {
    for (const kept of ['One two ', 'One two thr', 'One two three', 'One two three four']) {
      expect(verdict('r', kept)).toBeNull();
    }
  });
  it('is missed when it is gone, too short, or other words', () => {
    expect(verdict('u', null)).toMatch(/gone/);
    expect(verdict('u', '')).toMatch(/safe/);
    expect(verdict('r', 'One tw')).toMatch(/8 chars were safe, 6 are kept/);
    expect(verdict('r', 'One two four')).toMatch(/another/);
  });
  it('is missed in any change once it was said to be whole', () => {
    const whole: Line = { at: 40, type: 'final', id: 'r', text: 'One two three.' };
    expect(verdict('r', 'One two three.', [whole])).toBeNull();
    expect(verdict('r', 'One two three', [whole])).toMatch(/another/);
    expect(verdict('r', 'One two three. More', [whole])).toMatch(/another/);
  });
  it('counts on from there when the reply is gone on with', () => {
    const whole: Line = { at: 12, type: 'final', id: 'r', text: 'One ' };
    const more: Line = { at: 50, type: 'text', id: 'r', text: 'again' };
    expect(verdict('r', 'One ', [whole, more])).toBeNull();
    expect(verdict('r', 'One', [whole, more])).toMatch(/safe/);
  });
});
