/** Damaged models never crash, hang or swell what reads them; `npm run fuzz` tries fifty times as many. */
import { describe, expect, it } from 'vitest';
import { feed } from '../fuzz/feed.ts';
import { targetNames } from '../fuzz/targets.ts';
import { seeded } from '../user/seeded.ts';

describe('two thousand damaged files', () => {
  it.each(targetNames)(
    'are refused by name or taken: %s',
    async (target) => {
      const { findings, taken } = await feed(target, 0, 400);
      expect(findings).toEqual([]);
      // Some damage does not show: if everything or nothing were refused, this would test nothing.
      expect(taken).toBeGreaterThan(4);
      expect(taken).toBeLessThan(200);
    },
    120_000,
  );
});

it('notices an unnamed failure, a swelling, a death and a hang, and goes on behind each', async () => {
  const kinds = ['nothing', 'without a name', 'MiB for', 'it died: SIGSEGV', 'it hangs'];
  const [from, to] = [3, 12];
  const wanted = new Map<string, number>();
  for (let input = to - 1; input >= from; input--) {
    wanted.set(kinds[Math.floor(seeded(input + 1).next() * 5)] as string, input);
  }
  expect(wanted.size).toBe(kinds.length);
  const { findings } = await feed('sabotage', from, to);
  for (const [kind, input] of wanted) {
    const found = findings.filter((one) => one.input === input).map(({ what }) => what);
    expect(found, kind).toEqual(kind === 'nothing' ? [] : [expect.stringContaining(kind)]);
  }
}, 120_000);
