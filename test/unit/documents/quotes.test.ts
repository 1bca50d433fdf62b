import { describe, expect, it } from 'vitest';
import { anyOf } from '../../../electron/core/documents/quotes.ts';

describe('what is looked for', () => {
  it('are the words of a question that tell something', () => {
    expect(anyOf('When was the Bridge at Kestrel Falls built?')).toBe(
      '"bridge" OR "kestrel" OR "falls" OR "built"',
    );
    expect(anyOf('Was kostet ein Brot im Jahr 1934, ein Brot?')).toContain(
      '"brot" OR "im" OR "jahr" OR "1934"',
    );
  });
  it('are all of them where none does', () => {
    expect(anyOf('Who are you?')).toBe('"who" OR "are" OR "you"');
  });
  it('are words and no operators, each once', () => {
    expect(anyOf('"x" NEAR(x) * -y ^z')).toBe('"x" OR "near" OR "y" OR "z"');
    expect(anyOf('?! — …')).toBeNull();
  });
});
