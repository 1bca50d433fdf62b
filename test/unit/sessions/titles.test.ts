import { describe, expect, it } from 'vitest';
import { firstWords, titleFrom } from '../../../electron/core/sessions/titles.ts';

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
  it('is freed of what surrounds it', () => {
    expect(titleFrom('"The Blue Sky"', question)).toBe('The Blue Sky');
    expect(titleFrom('Title: **Colour of the sky**.', question)).toBe('Colour of the sky');
    expect(titleFrom('Rain', 'What is rain?')).toBe('Rain');
  });
  it.each([
    ['empty', ''],
    ['without a letter', '...'],
    ['a loop', 'the sky the sky the sky the sky'],
    ['too long', 'This conversation is about the colour of the sky and why it looks blue to us'],
    ['the question once more', 'Why is the sky blue during the day'],
    ['what it was asked', 'Name this conversation in two to six words.'],
  ])('is refused when it is %s', (_what, written) => {
    expect(titleFrom(written, question)).toBeNull();
  });
});
