import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recognise } from '../../../models/convert/recognise.ts';
import { f32, pytorchFile } from '../../convert/files.ts';
import { tinyGguf } from '../../convert/tiny-llama.ts';
import { fixtures } from '../../native/golden.ts';
import { place } from './places.ts';

const { folder, write } = place();
const llamba = (path: string) => `${fixtures}/llamba/${path}`;

function copy(of: string, name: string, change: (to: string) => void): string {
  const to = join(folder, name);
  cpSync(of, to, { recursive: true });
  change(to);
  return to;
}

describe('what lies at a path', () => {
  it.each([
    [
      llamba('q4g64-untied/model/tiny-q4g64-untied.safetensors'),
      'cartesia-mlx',
      'llamba',
      'reference',
      'tiny-q4g64-untied',
    ],
    [llamba('q8g64-mixed/model'), 'cartesia-mlx', 'llamba', 'reference', 'model'],
    [llamba('fp32-untied/model'), 'cartesia-mlx', 'llamba', 'convert', 'model'],
    [llamba('bf16-tied/hub'), 'hub', 'llamba', 'convert', 'hub'],
    [`${fixtures}/llama/q4g64-tied/model`, 'mlx-lm', 'llama', 'reference', 'model'],
    [`${fixtures}/llama/bf16-untied/model`, 'mlx-lm', 'llama', 'convert', 'model'],
  ])('%s', async (path, layout, architecture, how, name) => {
    const found = await recognise(path);
    expect(found).toMatchObject({ path, layout, architecture, how, name });
    expect(found.bytes).toBeGreaterThan(100_000);
    expect(found.reason).toContain('tokenizer'); // the fixtures have none
  });

  it('is a GGUF file, a PyTorch folder, or our own', async () => {
    expect(await recognise(write('My-Llama.Q4_0.gguf', tinyGguf()))).toMatchObject({
      layout: 'gguf',
      name: 'My-Llama',
      how: 'convert',
    });
    const pickled = copy(llamba('bf16-tied/hub'), 'pickled', (to) => {
      writeFileSync(join(to, 'pytorch_model.bin'), pytorchFile({ a: f32([1], [1]) }));
    });
    // Safetensors are preferred where both are there.
    expect((await recognise(pickled)).layout).toBe('hub');
    const ours = copy(llamba('q4g64-untied/model'), 'ours', (to) => {
      writeFileSync(join(to, 'config.json'), '{"model_type":"llamba","name":"Ours"}');
      writeFileSync(join(to, 'tokenizer.json'), '{}');
    });
    expect(await recognise(ours)).toMatchObject({
      layout: 'llamba',
      name: 'Ours',
      how: 'reference',
      reason: 'It is used where it lies.',
    });
  });

  it('is refused with the reason', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const refusals: [string, path: string][] = [
      ['nothing', join(folder, 'nowhere')],
      ['no weights', empty],
      ['no weights', write('a.txt', 'text')],
      ['header', write('a.safetensors', 'far too short a text')],
      ['zip', write('a.bin', 'no archive at all, whatever its name says')],
      ['GGUF', write('a.gguf', Buffer.alloc(64))],
      [
        'the kind "mistral"',
        copy(`${fixtures}/llama/bf16-untied/model`, 'mistral', (to) => {
          const config = JSON.parse(readFileSync(join(to, 'config.json'), 'utf8'));
          writeFileSync(join(to, 'config.json'), JSON.stringify({ ...config, model_type: 'mistral' }));
        }),
      ],
      [
        'not JSON',
        copy(llamba('bf16-tied/hub'), 'broken', (to) => writeFileSync(join(to, 'config.json'), '{')),
      ],
      [
        'incomplete',
        copy(`${fixtures}/llama/bf16-untied/model`, 'partial', (to) => {
          const index = join(to, 'model.safetensors.index.json');
          writeFileSync(
            index,
            readFileSync(index, 'utf8').replace('"model.safetensors"', '"model-2.safetensors"'),
          );
        }),
      ],
      [
        'a bad file',
        copy(`${fixtures}/llama/bf16-untied/model`, 'escaping', (to) => {
          const index = join(to, 'model.safetensors.index.json');
          writeFileSync(
            index,
            readFileSync(index, 'utf8').replace('"model.safetensors"', '"../model.safetensors"'),
          );
        }),
      ],
    ];
    for (const [why, path] of refusals) {
      const found = await recognise(path);
      expect(found, why).toMatchObject({ layout: 'unsupported', how: 'refuse', architecture: null });
      expect(found.reason).toContain(why);
    }
  });

  it('counts a shard for what it holds of a model', async () => {
    const half = join(folder, 'half');
    mkdirSync(half);
    copyFileSync(llamba('bf16-tied/hub/model.safetensors'), join(half, 'model.safetensors'));
    const file = readFileSync(join(half, 'model.safetensors'));
    writeFileSync(
      join(half, 'model.safetensors'),
      Buffer.from(file.toString('latin1').replace('mixer.D"', 'mixer.E"'), 'latin1'),
    );
    expect((await recognise(half)).reason).toContain('model.layers.0.layer.D');
  });
});
