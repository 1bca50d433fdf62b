import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  defaultModel,
  findModel,
  folderOf,
  knownModel,
  listModels,
  readDefaults,
} from '../../../electron/core/models/on-disk.ts';

const base = mkdtempSync(join(tmpdir(), 'models-'));
const model = (path: string, files: Record<string, string>) => {
  mkdirSync(join(base, path), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(base, path, name), content);
};
const point = { length: 2048, perplexity: 9, near: 9, norm: 1 };
model('embedded/b', {
  'model-1.safetensors': 'xx',
  'model-2.safetensors': 'yyy',
  'config.json': '{"name":"Bee"}',
});
model('embedded/notes', { 'readme.md': '' });
model('mine/a', {
  'model.safetensors': 'x',
  'config.json': JSON.stringify({
    ...{ eos_token_id: [7, 8], default_system_prompt: 'Be kind.', safe_length: 2048 },
    length_probe: [point, { ...point, norm: null }, { ...point, near: '9' }, null, 7],
  }),
  'generation_config.json':
    '{"do_sample":true,"temperature":0.5,"top_p":0.9,"eos_token_id":2,"max_new_tokens":77}',
});
model('mine/broken', { 'model.safetensors': 'x', 'config.json': '{' });
writeFileSync(join(base, 'mine/single.safetensors'), 'zzzz');
const folders = [
  { path: join(base, 'embedded'), embedded: true },
  { path: join(base, 'none'), embedded: false },
  { path: join(base, 'mine'), embedded: false },
];

describe('models on this disk', () => {
  it('are folders with weights and single files, one broken configuration or not', () => {
    expect(
      listModels(folders).map(({ id, name, weightBytes, embedded }) => ({ id, name, weightBytes, embedded })),
    ).toEqual([
      { id: 'b', name: 'Bee', weightBytes: 5, embedded: true },
      { id: 'a', name: 'a', weightBytes: 1, embedded: false },
      { id: 'broken', name: 'broken', weightBytes: 1, embedded: false },
      { id: 'single', name: 'single', weightBytes: 4, embedded: false },
    ]);
  });
  it('are found by id, folder and file', () => {
    expect(findModel(folders, 'a').path).toBe(join(base, 'mine/a'));
    expect(findModel([], join(base, 'mine/a')).id).toBe('a');
    expect(folderOf(findModel([], join(base, 'mine/single.safetensors')))).toBe(join(base, 'mine'));
    expect(defaultModel(folders).id).toBe('b');
  });
  it('are known to a page by id only', () => {
    expect(knownModel(folders, 'a').id).toBe('a');
    for (const id of [join(base, 'mine/a'), '../mine/a', '__proto__', 'single.safetensors']) {
      expect(() => knownModel(folders, id)).toThrowError(
        expect.objectContaining({ code: 'model-not-found' }),
      );
    }
  });
  it('are named when what was asked for is none of them', () => {
    expect(() => findModel(folders, 'zebra')).toThrowError(
      expect.objectContaining({
        code: 'model-not-found',
        hint: expect.stringContaining('b, a, broken, single'),
      }),
    );
    expect(() => findModel(folders, join(base, 'embedded/notes'))).toThrowError(/no model/);
    expect(() => defaultModel([])).toThrowError(expect.objectContaining({ code: 'model-not-found' }));
  });
  it('say up to which length they were measured, and nothing that is none', () => {
    const { safeLength, lengthProbe } = readDefaults(findModel(folders, 'a'));
    expect([safeLength, lengthProbe]).toEqual([2048, [point, { ...point, norm: null }]]);
    expect(readDefaults(findModel(folders, 'b'))).toMatchObject({ safeLength: null, lengthProbe: [] });
  });
  it('say how they want to be sampled and where they stop', () => {
    const defaults = readDefaults(findModel(folders, 'a'));
    expect(defaults.sampling).toMatchObject({
      temperature: 0.5,
      topP: 0.9,
      minP: 0,
      maxTokens: 77,
      seed: null,
    });
    expect(defaults.stopIds).toEqual([2]);
    expect(defaults.defaultSystem).toBe('Be kind.');
    expect(readDefaults(findModel(folders, 'b')).stopIds).toEqual([]);
    expect(() => readDefaults(findModel(folders, 'broken'))).toThrowError(
      expect.objectContaining({ code: 'model-invalid' }),
    );
  });
});
