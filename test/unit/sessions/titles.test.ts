import { describe, expect, it } from 'vitest';
import { firstWords } from '../../../electron/core/sessions/first-words.ts';
import { titleFrom } from '../../../electron/core/sessions/titles.ts';

describe('the first words of a message', () => {
  it('are in one line, and whole words', () => {
    expect(firstWords('  What\n is\train? ')).toBe('What is rain?');
    const long = firstWords(`Please explain ${'very '.repeat(30)}slowly`);
    expect(long.length).toBeLessThanOrEqual(60);
    expect(long).toMatch(/very…$/);
  });
  it('are cut inside a text without spaces, but not inside a character', () => {
    expect(firstWords('🦙'.repeat(50))).toBe(`${'🦙'.repeat(29)}…`);
    expect(firstWords('語'.repeat(100))).toBe(`${'語'.repeat(59)}…`);
  });
});

describe("a model's title", () => {
  const question = 'Why is the sky blue during the day?';
  const reply = 'Light of the sun is scattered by air, and the colour blue most of all.';
  it('is freed of what surrounds it', () => {
    expect(titleFrom('"The Blue Sky"', question, reply)).toBe('The Blue Sky');
    expect(titleFrom('Title: **Colours of the sky**.', question, reply)).toBe('Colours of the sky');
    expect(titleFrom('Scattered Light: A Tale of Air', question, reply)).toBe('Scattered Light');
    expect(titleFrom('Rain', 'What is rain?', '')).toBe('Rain');
  });
  it.each([
    ['empty', ''],
    ['without a letter', '...'],
    ['a loop', 'blue light blue light'],
    ['too long', 'The blue colour of the sky and why it looks so much like the colour of the sea to us'],
    ['the question once more', 'Why is the sky blue during the day'],
    ['what it was asked', 'Write a short title for this conversation'],
    ['about something else', 'The Art of Bread'],
  ])('is refused when it is %s', (_what, written) => {
    expect(titleFrom(written, question, reply)).toBeNull();
  });
});
