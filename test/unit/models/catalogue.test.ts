import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCatalogue, shippedCatalogue } from '../../../electron/core/models/catalogue.ts';
import type { CatalogueModel } from '../../../electron/shared/contract.ts';

const models = shippedCatalogue();
const byId = (id: string) => models.find((model) => model.id === id) as CatalogueModel;
const raw = () => JSON.parse(readFileSync(new URL('../../../models/catalog.json', import.meta.url), 'utf8'));

/** Shapes of a Llamba, from which spec 6 computes its figures: width, blocks, MLP width; 32 heads, state 64, kernel 4. */
const shapes = {
  'llamba-1b': [2048, 16, 8192],
  'llamba-3b': [3072, 28, 8192],
  'llamba-8b': [4096, 32, 14_336],
} as const;
const vocabulary = 128_256;

describe('the catalogue', () => {
  it('has the embedded model, three Llambas, and the twin of each', () => {
    const llambas = models.filter(({ architecture }) => architecture === 'llamba');
    expect(llambas.map(({ id }) => id)).toEqual(['llamba-135m', 'llamba-1b', 'llamba-3b', 'llamba-8b']);
    for (const { id, twin } of llambas)
      expect(byId(twin as string)).toMatchObject({ architecture: 'llama', twin: id });
  });
  it.each(Object.entries(shapes))('counts %s as its shapes do', (id, [d, blocks, f]) => {
    const channels = d + 4096;
    const matrices = blocks * ((2 * d + 4096 + 32) * d + d * d + 3 * f * d);
    const vectors = blocks * (channels * 4 + channels + d + 32 + 2 * d) + d;
    const model = byId(id);
    expect(model.parameters).toBe(vocabulary * d + matrices + vectors);
    expect(model.stateBytes).toBe(blocks * 4 * (d * 64 + 3 * channels));
    const embedding = vocabulary * d;
    const bytes =
      id === 'llamba-1b'
        ? embedding * 2 + ((embedding + matrices) * 4.25) / 8 + vectors * 2
        : ((embedding + matrices) * 4.5) / 8 + vectors * 2;
    expect(model.weightBytes).toBe(bytes);
  });
  it('names the source of every score, and none for what is ours', () => {
    for (const { scores, form } of models) {
      if (form === 'embedded') expect(scores).toEqual([]);
      for (const { source } of scores) expect(source).toMatch(/arXiv \d{4}\.\d{5}/);
    }
    expect(JSON.stringify(models)).not.toMatch(/68\.8/);
  });
  it('takes tokenizers from repositories that are not gated', () => {
    for (const { tokenizer, repository } of models) {
      expect(`${tokenizer?.repository} ${repository}`).not.toMatch(/meta-llama/);
    }
  });
  it.each([
    [
      'a twin that does not know',
      (one: { models: { twin: string }[] }) => ((one.models[2] as { twin: string }).twin = 'llamba-3b'),
      /twins/,
    ],
    [
      'an id that leaves the folder',
      (one: { models: { id: string }[] }) => ((one.models[0] as { id: string }).id = '../x'),
      /id/,
    ],
    [
      'a hidden file',
      (one: { models: { files: unknown[] }[] }) =>
        one.models[2]?.files.push({ path: '.x', bytes: null, sha256: null }),
      /files/,
    ],
    [
      'a way out',
      (one: { models: { files: unknown[] }[] }) =>
        one.models[2]?.files.push({ path: 'a/../../x', bytes: null, sha256: null }),
      /files/,
    ],
    [
      'an address without a checksum',
      (one: { models: { files: unknown[] }[] }) =>
        one.models[1]?.files.push({ path: 'https://a.example/x', bytes: 1, sha256: null }),
      /files/,
    ],
    [
      'an unknown field',
      (one: { models: object[] }) => Object.assign(one.models[0] as object, { extra: 1 }),
      /extra/,
    ],
  ] as [string, (one: unknown) => void, RegExp][])('refuses %s', (_name, spoil, message) => {
    const spoiled = raw();
    spoil(spoiled);
    expect(() => parseCatalogue(spoiled)).toThrowError(message);
  });
});
