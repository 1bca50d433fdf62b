import { describe, expect, it } from 'vitest';
import { safeOf } from '../../../electron/core/documents/probe-length.ts';
import { probeOf } from '../../../electron/core/documents/probes.ts';
import { recallSentence } from '../../../electron/core/documents/recall-sentence.ts';
import type { RecallPoint } from '../../../electron/shared/documents.ts';

const words = (text: string) => text.split(/\s+/).filter(Boolean).length;

describe('probes', () => {
  it.each(['needle', 'phone-book'] as const)('%s: about as long as asked, every fact in it once', (kind) => {
    for (const length of [100, 400, 1200]) {
      const { text, facts } = probeOf(kind, length, 5, 7, words);
      expect(Math.abs(words(text) - length)).toBeLessThan(0.1 * length + 15);
      // 400 names are the end of a phone book.
      expect(facts).toHaveLength(5);
      for (const { said, answer, question } of facts) {
        expect(text.split(said)).toHaveLength(2);
        expect(text.split(answer)).toHaveLength(2);
        expect(question).not.toContain(answer);
      }
    }
  });
  it('come again with their seed', () => {
    expect(probeOf('needle', 200, 5, 3, words)).toEqual(probeOf('needle', 200, 5, 3, words));
    expect(probeOf('needle', 200, 5, 3, words)).not.toEqual(probeOf('needle', 200, 5, 4, words));
  });
  it('are spread over the text', () => {
    const { text, facts } = probeOf('phone-book', 800, 4, 1, words);
    const places = facts.map(({ said }) => text.indexOf(said) / text.length);
    expect(places.map((place) => Math.floor(4 * place))).toEqual([0, 1, 2, 3]);
  });
});

const point = (length: number, right: number, more: Partial<RecallPoint> = {}): RecallPoint => ({
  probe: 'needle',
  mode: 'read-once',
  length,
  right,
  asked: 10,
  ...more,
});

describe('the sentence', () => {
  it('names the longest good length and the first that is not, in words', () => {
    const sentence = recallSentence([point(1024, 4), point(256, 10), point(512, 8)]);
    expect(sentence).toContain('of those in a text of 400 words 8 of 10, of 750 words 4 of 10');
    expect(sentence).toContain('Exact quotes');
  });
  it('says so where nothing is good, and where all is', () => {
    expect(recallSentence([point(256, 1), point(512, 0)])).toContain(
      'of those in a text of 200 words 1 of 10 were found again',
    );
    expect(recallSentence([point(256, 10), point(4096, 9)])).toContain('3,050 words survived in 9 of 10');
  });
  it('looks at needles in texts read once only, and at nothing that was not asked', () => {
    const others = [point(256, 0, { mode: 'chunks' }), point(256, 0, { probe: 'phone-book' })];
    expect(recallSentence([...others, point(512, 9)])).toContain('9 of 10');
    expect(recallSentence(others)).toContain('not measured');
  });
});

it('the safe length ends before the first window that is worse, whatever comes after', () => {
  const points = (...ratios: number[]) =>
    ratios.map((ratio, i) => ({ length: 2048 * 2 ** i, perplexity: 20 * ratio, near: 20 }));
  expect(safeOf(points(1, 1.04, 1.2, 1))).toBe(4096);
  expect(safeOf(points(0.9, 0.95))).toBe(4096);
  expect(safeOf(points(1.06, 1))).toBeNull();
  expect(safeOf(points(1, Number.NaN))).toBe(2048);
});
