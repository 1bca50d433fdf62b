import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findModel, readDefaults } from '../../../electron/core/models/on-disk.ts';

const home = mkdtempSync(join(tmpdir(), 'llamba-endings-'));
afterAll(() => rmSync(home, { recursive: true }));

/** A model's folder with these files; where it stops. */
function stops(files: Record<string, unknown>): readonly number[] {
  const folder = join(home, 'model');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(join(folder, 'model.safetensors'), '');
  for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(value));
  return readDefaults(findModel([], folder)).stopIds;
}

const llama3 = {
  added_tokens: [
    { id: 128_000, content: '<|begin_of_text|>' },
    { id: 128_001, content: '<|end_of_text|>' },
    { id: 128_008, content: '<|eom_id|>' },
    { id: 128_009, content: '<|eot_id|>' },
    { id: 'x', content: '<|eot_id|>' },
    null,
  ],
};

it('a model that does not say where it stops stops at its tokenizer’s endings', () => {
  expect(stops({ 'tokenizer.json': llama3 })).toEqual([128_001, 128_008, 128_009]);
  expect(stops({ 'tokenizer.json': { added_tokens: 7 } })).toEqual([]);
  expect(stops({})).toEqual([]);
});

it('what its own files say goes first, even that it never does', () => {
  expect(stops({ 'tokenizer.json': llama3, 'config.json': { eos_token_id: 5 } })).toEqual([5]);
  const both = { 'config.json': { eos_token_id: 5 }, 'generation_config.json': { eos_token_id: [6, 7] } };
  expect(stops({ 'tokenizer.json': llama3, ...both })).toEqual([6, 7]);
  expect(stops({ 'tokenizer.json': llama3, 'generation_config.json': { eos_token_id: [] } })).toEqual([]);
});
