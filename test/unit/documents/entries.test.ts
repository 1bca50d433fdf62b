import { describe, expect, it } from 'vitest';
import { readingOf } from '../../../electron/core/documents/entries.ts';
import type { KnownChunk } from '../../../electron/core/documents/rows.ts';

const chunk = (first: number, last: number, read: boolean, number = first): KnownChunk => ({
  ...{ number, from: 0, length: 10, tokens: 100, state: String(number) },
  ...{ first, last, read },
});
const still = { running: null, wanted: false, error: null };
const error = { code: 'internal', message: 'm', hint: 'h' } as const;

describe('how far a document is read', () => {
  it('counts a page whose every chunk has been read, in ranges', () => {
    const chunks = [
      chunk(1, 2, true),
      chunk(2, 4, false),
      chunk(5, 6, true),
      chunk(6, 6, true),
      chunk(9, 9, false),
    ];
    expect(readingOf(chunks, 12, still)).toMatchObject({
      phase: 'paused',
      // Pages 7 and 8 hold no text, 10 to 12 neither.
      pagesRead: [
        { first: 1, last: 1 },
        { first: 5, last: 8 },
        { first: 10, last: 12 },
      ],
      chunks: 5,
      chunksRead: 3,
      tokens: 500,
      tokensRead: 300,
    });
    expect(readingOf([chunk(1, 3, true)], 3, still)).toMatchObject({
      phase: 'read',
      pagesRead: [{ first: 1, last: 3 }],
    });
  });
  it('knows nothing of what was not begun', () => {
    expect(readingOf([], 3, still)).toMatchObject({ phase: 'unread', pagesRead: [], chunks: 0 });
    expect(readingOf([chunk(2, 2, false)], 3, still)).toMatchObject({ phase: 'unread', pagesRead: [] });
  });
  it('is in the phase that says most', () => {
    const chunks = [chunk(1, 1, true), chunk(2, 2, false)];
    const running = { tokensRead: 150, tokensPerSecond: 10, secondsLeft: 5 };
    const of = (live: Partial<typeof still> & object) => readingOf(chunks, 2, { ...still, ...live } as never);
    expect(of({ wanted: true } as never)).toMatchObject({ phase: 'waiting' });
    expect(of({ wanted: true, error } as never)).toMatchObject({ phase: 'failed', error });
    expect(of({ wanted: true, running } as never)).toMatchObject({ phase: 'running', ...running });
  });
});
