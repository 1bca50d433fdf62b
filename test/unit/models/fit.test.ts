import { describe, expect, it } from 'vitest';
import { shippedCatalogue } from '../../../electron/core/models/catalogue.ts';
import {
  activationBytes,
  bestModel,
  diskBytes,
  diskReserveBytes,
  downloadBytes,
  fitOf,
  headroomBytes,
  inWords,
  judgedTokens,
  leastTokens,
  type Machine,
} from '../../../electron/core/models/fit.ts';
import { seeded } from '../../user/seeded.ts';

const gibibyte = 2 ** 30;
const models = shippedCatalogue();
const llambas = models.filter(({ architecture }) => architecture === 'llamba');
const llamas = models.filter(({ architecture }) => architecture === 'llama');
const roomy = (memoryBytes: number): Machine => ({
  memoryBytes,
  workingSetBytes: memoryBytes,
  backend: 'metal',
  freeBytes: 1000 * gibibyte,
});
const rank = { 'does-not-fit': 0, tight: 1, fits: 2 };
const bare = (model: (typeof models)[number], tokens: number) =>
  model.weightBytes + model.stateBytes + tokens * model.stateBytesPerToken + activationBytes;

describe('the verdict', () => {
  it.each(models)('of $id never gets worse with more memory, more for the GPU, or more disk', (model) => {
    const { next: random } = seeded(3);
    for (let n = 0; n < 400; n++) {
      const small: Machine = {
        memoryBytes: Math.floor(random() * 16 * gibibyte),
        workingSetBytes: Math.floor(random() * 16 * gibibyte),
        backend: random() < 0.5 ? 'metal' : 'cpu',
        freeBytes: Math.floor(random() * 60 * gibibyte),
      };
      const large = {
        ...small,
        memoryBytes: small.memoryBytes + Math.floor(random() * gibibyte),
        workingSetBytes: small.workingSetBytes + Math.floor(random() * gibibyte),
        freeBytes: small.freeBytes + Math.floor(random() * gibibyte),
      };
      const [before, after] = [fitOf(model, small), fitOf(model, large)];
      expect(rank[after.verdict]).toBeGreaterThanOrEqual(rank[before.verdict]);
      expect(after.longestContext ?? 0).toBeGreaterThanOrEqual(before.longestContext ?? 0);
    }
  });
  it.each(llambas)('of $id changes at exactly the byte', (model) => {
    const least = bare(model, 0);
    expect(fitOf(model, roomy(least - 1)).verdict).toBe('does-not-fit');
    expect(fitOf(model, roomy(least)).verdict).toBe('tight');
    expect(fitOf(model, roomy(least + headroomBytes - 1)).verdict).toBe('tight');
    expect(fitOf(model, roomy(least + headroomBytes)).verdict).toBe('fits');
  });
  it.each(llambas)('of $id is one number for any length', (model) => {
    const { memory, longestContext } = fitOf(model, roomy(64 * gibibyte));
    expect(longestContext).toBeNull();
    expect(memory.neededBytes).toBe(
      memory.weightBytes + memory.stateBytes + memory.activationBytes + memory.headroomBytes,
    );
    expect(memory.stateBytes).toBe(model.stateBytes);
  });
  it.each(llamas)('of $id ends with the tokens that its memory holds', (model) => {
    expect(fitOf(model, roomy(bare(model, leastTokens) - 1)).verdict).toBe('does-not-fit');
    const tight = fitOf(model, roomy(bare(model, leastTokens)));
    expect(tight).toMatchObject({ verdict: 'tight', longestContext: leastTokens });
    expect(tight.reason).toMatch(/after 512 tokens/);
    for (const tokens of [judgedTokens, 10_000, 100_000]) {
      expect(fitOf(model, roomy(bare(model, tokens))).longestContext).toBe(tokens);
      expect(fitOf(model, roomy(bare(model, tokens + 1) - 1)).longestContext).toBe(tokens);
    }
  });
  it.each(llamas)('of $id counts a cache in float32 where there is no GPU', (model) => {
    const machine = roomy(bare(model, 2 * judgedTokens));
    expect(fitOf(model, machine).longestContext).toBe(2 * judgedTokens);
    expect(fitOf(model, { ...machine, backend: 'cpu' }).longestContext).toBe(judgedTokens);
  });
  it('is bound by the GPU where that may hold less than there is', () => {
    const model = llambas.find(({ id }) => id === 'llamba-8b') as (typeof models)[number];
    const machine = { ...roomy(16 * gibibyte), workingSetBytes: 4 * gibibyte };
    expect(fitOf(model, machine)).toMatchObject({
      verdict: 'does-not-fit',
      memory: { availableBytes: 4 * gibibyte },
    });
    expect(fitOf(model, machine).reason).toMatch(/needs 0\.5 GiB more memory|needs \d+ MiB more memory/);
  });
  it('asks for the disk what is fetched, made of it, and kept free', () => {
    const model = llambas.find(({ id }) => id === 'llamba-3b') as (typeof models)[number];
    expect(downloadBytes(model)).toBe(3_656_994_688 * 4);
    expect(diskBytes(model)).toBe(3_656_994_688 * 4 + 2_058_878_720);
    const at = (freeBytes: number, fetched = 0) =>
      fitOf(model, { ...roomy(64 * gibibyte), freeBytes }, fetched).verdict;
    const needed = diskBytes(model) + diskReserveBytes;
    expect([at(needed - 1), at(needed), at(needed - 1, 1), at(0, Number.POSITIVE_INFINITY)]).toEqual([
      'does-not-fit',
      'fits',
      'fits',
      'fits',
    ]);
  });
  it('offers the largest Llamba that fits', () => {
    const best = (memory: number) =>
      bestModel(models.map((model) => ({ model, fit: fitOf(model, roomy(memory)) })));
    expect([0.5, 1.2, 2.5, 4, 16].map((size) => best(size * gibibyte))).toEqual([
      null,
      'llamba-135m',
      'llamba-1b',
      'llamba-3b',
      'llamba-8b',
    ]);
  });
  it('says sizes as the interface does', () => {
    expect([1, 2 ** 20, 300 * 2 ** 20, 1.5 * gibibyte].map(inWords)).toEqual([
      '1 MiB',
      '1 MiB',
      '300 MiB',
      '1.5 GiB',
    ]);
  });
});
