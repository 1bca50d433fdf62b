import { describe, expect, it } from 'vitest';
import { inLanes } from '../../../electron/core/documents/lanes.ts';

const soon = () => new Promise(setImmediate);

describe('lanes', () => {
  it('work on so many at once and no more, and give results in order', async () => {
    for (const lanes of [1, 3, 100]) {
      let [now, most] = [0, 0];
      const items = Array.from({ length: 20 }, (_, i) => i);
      const results = await inLanes(items, lanes, async (item, index) => {
        now += 1;
        most = Math.max(most, now);
        for (let i = 0; i <= (item * 7) % 5; i++) await soon();
        now -= 1;
        return `${item}/${index}`;
      });
      expect(results).toEqual(items.map((i) => `${i}/${i}`));
      expect(most).toBe(Math.min(lanes, 20));
    }
    expect(await inLanes([], 3, soon)).toEqual([]);
  });
  it('begin nothing after a failure, and end what was begun before it is thrown', async () => {
    const [begun, ended]: [number[], number[]] = [[], []];
    const work = inLanes([0, 1, 2, 3, 4, 5], 2, async (item) => {
      begun.push(item);
      await soon();
      if (item === 1) throw new Error('one');
      await soon();
      ended.push(item);
    });
    await expect(work).rejects.toThrow('one');
    expect(begun).toEqual([0, 1]);
    expect(ended).toEqual([0]);
  });
});
