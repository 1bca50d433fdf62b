import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { cutChunks as cuts, pageSeam } from '../../../electron/core/documents/chunks.ts';
import { readTokenizer, type Tokenizer } from '../../../electron/core/tokenizer.ts';
import { type Random, seeded, someWords } from '../../user/seeded.ts';

const root = new URL('../../../', import.meta.url);
let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = (await readTokenizer(new URL('models/embedded/llamba-135m', root).pathname)).build();
});
const count = (text: string) => tokenizer.encode(text).length;

const cutChunks = (...given: Parameters<typeof cuts>) => [...cuts(...given)];

const novel = readFileSync(new URL('test/fixtures/prose/south.txt', root), 'utf8').slice(0, 40_000);

/** Words, lines, sentences, paragraphs, empty pages, runs without any border, halves of pairs. */
function somePages(random: Random): string[] {
  const pieces: readonly (() => string)[] = [
    () => `${someWords(random, random.between(1, 30))}. `,
    () => `${someWords(random, random.between(1, 12))}!\n\n`,
    () => `${someWords(random, random.between(1, 5))}\n`,
    () => 'x7'.repeat(random.between(1, 400)),
    () => '🦙'.repeat(random.between(1, 200)),
    () => '日本語です。'.repeat(random.between(1, 20)),
    () => ' \t\n'.repeat(random.between(1, 60)),
    () => '\ud83e',
  ];
  return Array.from({ length: random.between(0, 12) }, () =>
    Array.from({ length: random.between(0, 12) }, () => random.pick(pieces)()).join(''),
  );
}

describe('chunks', () => {
  it('hold the whole text once, in order, never above the limit, on exactly their pages (50 documents)', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = seeded(seed);
      const pages = somePages(random);
      const limit = random.between(16, 300);
      const text = pages.join(pageSeam);
      const starts = pages.map((_, i) => pages.slice(0, i).join(pageSeam).length + (i > 0 ? 1 : 0));
      const pageOf = (at: number) => starts.findLastIndex((start) => start <= at) + 1;
      let at = 0;
      for (const chunk of cutChunks(pages, count, limit)) {
        const said = text.slice(chunk.start, chunk.end);
        expect(text.slice(at, chunk.start).trim(), `seed ${seed}: lost`).toBe('');
        expect(said, `seed ${seed}`).toBe(said.trim());
        expect(said.length, `seed ${seed}: empty`).toBeGreaterThan(0);
        expect(chunk.tokens, `seed ${seed}`).toBe(count(said));
        expect(chunk.tokens, `seed ${seed}: too long`).toBeLessThanOrEqual(limit);
        expect([chunk.first, chunk.last], `seed ${seed}`).toEqual([
          pageOf(chunk.start),
          pageOf(chunk.end - 1),
        ]);
        // A pair stays whole, where it was.
        expect(/^[\udc00-\udfff]/.test(said) && /[\ud800-\udbff]$/.test(text.slice(0, chunk.start))).toBe(
          false,
        );
        at = chunk.end;
      }
      expect(text.slice(at).trim(), `seed ${seed}: lost at the end`).toBe('');
    }
  }, 60_000);
  it('end at paragraphs where there are any, else at sentences', () => {
    const sentences = novel.replaceAll(/\s+/g, ' ').split(/(?<=\.) /);
    const prose = sentences.map((said, i) => said + (i % 4 === 3 ? '\n\n' : ' ')).join('');
    for (const chunk of cutChunks([prose], count, 768).slice(0, -1)) {
      expect(prose.slice(chunk.end, chunk.end + 2)).toBe('\n\n');
    }
    const unbroken = sentences.join(' ');
    for (const chunk of cutChunks([unbroken], count, 512).slice(0, -1)) {
      expect(unbroken.slice(chunk.start, chunk.end)).toMatch(/[.!?…]["'”’»)\]]*$/);
    }
  });
  it('are at least half as long as they may be, but for the last and before what cannot be cut well', () => {
    const chunks = cutChunks([novel], count, 512);
    const short = chunks.slice(0, -1).filter(({ tokens }) => tokens < 250);
    expect(chunks.length).toBeGreaterThan(20);
    expect(short).toEqual([]);
  });
  it('are few that change with one place of the text, wherever it is (20 edits)', () => {
    const textsOf = (text: string) =>
      cutChunks([text], count, 256).map(({ start, end }) => text.slice(start, end));
    const before = new Set(textsOf(novel));
    const changed: number[] = [];
    for (let seed = 1; seed <= 20; seed++) {
      const random = seeded(seed);
      const at = random.between(0, novel.length);
      const edited = `${novel.slice(0, at)} ${someWords(random, random.between(1, 60))}. ${novel.slice(at)}`;
      changed.push(textsOf(edited).filter((text) => !before.has(text)).length);
    }
    changed.sort((a, b) => a - b);
    expect(before.size).toBeGreaterThan(40);
    expect(changed[10], `changed chunks of ${before.size}: ${changed}`).toBeLessThanOrEqual(4);
    expect(changed.at(-1), `changed chunks of ${before.size}: ${changed}`).toBeLessThanOrEqual(20);
  }, 60_000);
  it('are none where there is nothing to read', () => {
    expect(cutChunks([], count, 64)).toEqual([]);
    expect(cutChunks(['', ' \n', ''], count, 64)).toEqual([]);
  });
  it('take time in proportion to the text', () => {
    const plain = (text: string) => Math.ceil(text.length / 4);
    const long = 'No border in it, and no end. '.repeat(200_000) + 'y'.repeat(1_000_000);
    const began = performance.now();
    const chunks = cutChunks([long], plain, 2048);
    expect(chunks.length).toBeGreaterThan(800);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
