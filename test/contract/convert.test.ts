/** Conversions as the app makes them: real files, the real engine, a process of its own. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { sha256Of } from '../../electron/core/models/digests.ts';
import { type Manifest, readManifest, verifyFolder } from '../../electron/core/models/manifest.ts';
import type { Conversion } from '../../electron/shared/models.ts';
import { convert } from '../../models/convert/convert.ts';
import { convertHere } from '../../models/convert/convert-here.ts';
import { fromHub } from '../../models/convert/names.ts';
import { dequantized, readNumbers } from '../convert/dense.ts';
import { pytorchFile, safetensorsFile, type Tensors } from '../convert/files.ts';
import { distance, distributions, engineForTests, failure } from '../native/addon.ts';
import { takeApart } from '../native/files.ts';
import { golden, idsOf, largest, logSoftmax } from '../native/golden.ts';

const folder = mkdtempSync(join(tmpdir(), 'llamba-convert-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(folder, `model-${++count}`);
const engine = engineForTests();
const fixture = (path: string) => fileURLToPath(new URL(`../fixtures/llamba/${path}`, import.meta.url));
const hub = fixture('bf16-tied/hub');
const form = (bits: 4 | 8, embedding: 4 | 8 | 16 = bits): Conversion => ({ bits, groupSize: 32, embedding });

/** What a model says after a golden prompt: log-probabilities by id. */
async function says(model: string, prompt: string): Promise<Float64Array> {
  const loaded = await engine.load(model).done;
  const state = await loaded.createState();
  const score = await state.score(idsOf(golden(prompt), 'short.input_ids') as number[], {
    top: loaded.info.vocabulary,
  }).done;
  await loaded.unload();
  return distributions(score, loaded.info.vocabulary).at(-1) as Float64Array;
}

/** The tensors of a safetensors file, to be written otherwise. */
function tensorsOf(path: string): Tensors {
  const { tensors, data } = takeApart(path);
  const entries = Object.entries(tensors).map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ]) => [name, { dtype, shape, data: data.subarray(from, to) }],
  );
  return Object.fromEntries(entries);
}

const weightsSum = async (model: string) => (await sha256Of(join(model, 'model.safetensors'))).sha256;

describe('a golden model, converted,', () => {
  /** `most`: of a log-probability. The logits of these random models reach 9, of bf16-tied 86. */
  const cases = [
    { from: 'bf16-tied/hub', to: form(8), most: 0.5 },
    { from: 'bf16-tied/hub', to: form(8, 16), most: 0.5 },
    { from: 'bf16-tied/hub', to: form(4), most: 16 },
    { from: 'bf16-tied/model/tiny-bf16-tied.safetensors', to: form(8), most: 0.5 },
    { from: 'fp32-untied/model', to: form(8), most: 0.2 },
    { from: 'fp32-untied/model', to: form(8, 4), most: 2 },
    { from: 'fp32-untied/model', to: form(4, 16), most: 4 },
  ] as const;
  it.each(cases)(
    '$from to $to.bits bits, embedding $to.embedding: errs by its quantization alone',
    async ({ from, to, most }) => {
      const name = `llamba/${from.split('/')[0]}`;
      const target = fresh();
      await convert(fixture(from), target, to);
      const model = await engine.load(target).done;
      expect(model.info).toMatchObject({ format: 'llamba', bits: to.bits, groupSize: 32, notes: [] });
      await model.unload();

      // Every weight is within a step and a half of its source (MLX's grid may miss the far edge by that).
      const { tensors, steps } = dequantized(target);
      const source = readNumbers(
        join(
          fixture(from),
          from.endsWith('/hub')
            ? 'model.safetensors'
            : from.endsWith('/model')
              ? 'tiny-fp32-untied.safetensors'
              : '',
        ),
      );
      for (const [stored, { values }] of source) {
        const made = new Float32Array(Uint8Array.from(tensors[fromHub(stored)]?.data as Uint8Array).buffer);
        const step = steps.get(fromHub(stored)) ?? (to.embedding === 16 ? 2 ** -8 * largest(values) : 0);
        expect(distance(made, values), stored).toBeLessThanOrEqual(
          1.5 * step + 2 ** -7 * largest(values) * Math.sign(step),
        );
      }
      // The engine reads it as those weights: the same model made dense says the same.
      const dense = fresh();
      mkdirSync(dense);
      writeFileSync(join(dense, 'model.safetensors'), safetensorsFile(tensors));
      cpSync(join(target, 'config.json'), join(dense, 'config.json'));
      const said = await says(target, name);
      expect(distance(said, await says(dense, name))).toBeLessThan(1e-5 * largest(said));
      // And so it stays by the reference.
      const reference = logSoftmax(golden(name).tensors.get('short.logits_last')?.data as Float32Array);
      const error = distance(said, reference);
      expect(error).toBeLessThan(most);
    },
  );
});

describe('whatever wrote the weights,', () => {
  it('the result has the same bytes: hub, cartesia-mlx, shards, PyTorch, one shard or many parts', async () => {
    const wanted = fresh();
    await convert(hub, wanted, form(4));
    const tensors = tensorsOf(join(hub, 'model.safetensors'));
    const entries = Object.entries(tensors);
    const halves = [entries.filter((_, i) => i % 2 === 0), entries.filter((_, i) => i % 2 === 1)];

    const sharded = fresh();
    mkdirSync(sharded);
    cpSync(join(hub, 'config.json'), join(sharded, 'config.json'));
    halves.forEach((half, i) => {
      writeFileSync(join(sharded, `part-${i}.safetensors`), safetensorsFile(Object.fromEntries(half)));
    });
    const map = halves.flatMap((half, i) => half.map(([name]) => [name, `part-${i}.safetensors`]));
    writeFileSync(
      join(sharded, 'model.safetensors.index.json'),
      JSON.stringify({ weight_map: Object.fromEntries(map) }),
    );
    writeFileSync(join(sharded, 'other.safetensors'), 'no part of it');

    const pickled = fresh();
    mkdirSync(pickled);
    cpSync(join(hub, 'config.json'), join(pickled, 'config.json'));
    writeFileSync(join(pickled, 'pytorch_model.bin'), pytorchFile(tensors));

    for (const source of [sharded, pickled]) {
      const target = fresh();
      await convert(source, target, form(4));
      expect(await weightsSum(target)).toBe(await weightsSum(wanted));
    }
  });

  it('float16 weights keep float16 scales', async () => {
    const source = fresh();
    mkdirSync(source);
    cpSync(join(hub, 'config.json'), join(source, 'config.json'));
    const tensors = Object.fromEntries(
      [...readNumbers(join(hub, 'model.safetensors'))].map(([name, { tensor, values }]) => [
        name,
        { dtype: 'F16', shape: tensor.shape, data: new Uint8Array(Float16Array.from(values).buffer) },
      ]),
    ) as Tensors;
    writeFileSync(join(source, 'model.safetensors'), safetensorsFile(tensors));
    const target = fresh();
    await convert(source, target, form(8));
    expect(readNumbers(join(target, 'model.safetensors')).get('embedding.encoder.scales')?.tensor.dtype).toBe(
      'F16',
    );
    const reference = logSoftmax(
      golden('llamba/bf16-tied').tensors.get('short.logits_last')?.data as Float32Array,
    );
    expect(distance(await says(target, 'llamba/bf16-tied'), reference)).toBeLessThan(1);
  });
});

describe('a converted model', () => {
  it('lies in as many files as a limit asks for, with its tokenizer, settings and checksums', async () => {
    const source = fresh();
    cpSync(hub, source, { recursive: true });
    writeFileSync(join(source, 'tokenizer.json'), '{"model":{}}');
    writeFileSync(join(source, 'tokenizer_config.json'), '{"eos_token":"x"}');
    writeFileSync(join(source, 'chat_template.jinja'), '{{ messages }}');
    writeFileSync(join(source, 'optimizer.bin'), 'no part of it');
    const target = fresh();
    await convertHere(source, target, form(4), (data, matrix) => engine.quantize(data, matrix), {
      name: 'Tiny',
      limits: { shardBytes: 40_000 },
    });
    const names = readdirSync(target).sort();
    expect(names.filter((name) => name.endsWith('.safetensors')).length).toBeGreaterThan(2);
    expect(names).not.toContain('optimizer.bin');
    expect(JSON.parse(readFileSync(join(target, 'tokenizer_config.json'), 'utf8'))).toEqual({
      eos_token: 'x',
      chat_template: '{{ messages }}',
    });
    const manifest = (await readManifest(target)) as Manifest;
    expect(manifest.files.map(({ path }) => path)).toEqual(
      names.filter((name) => name !== 'llamba-files.json'),
    );
    await verifyFolder(target, manifest);
    const whole = fresh();
    await convert(hub, whole, form(4));
    expect(await says(target, 'llamba/bf16-tied')).toEqual(await says(whole, 'llamba/bf16-tied'));
    const model = await engine.load(target).done;
    expect(model.info.name).toBe('Tiny');
    await model.unload();
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is never written over something, and nothing is left of a refusal', async () => {
    const target = fresh();
    writeFileSync(target, 'mine');
    expect((await failure(() => convert(hub, target, form(4)))).code).toBe('bad-request');
    expect(readFileSync(target, 'utf8')).toBe('mine');
    const refusals: [code: string, source: string, to: Conversion][] = [
      ['model-not-found', join(folder, 'nowhere'), form(4)],
      ['bad-request', hub, { bits: 4, groupSize: 64, embedding: 4 }],
      ['unsupported', fixture('q4g64-untied/model/tiny-q4g64-untied.safetensors'), form(4, 16)],
      [
        'tensor-missing',
        withTensors((tensors) => delete tensors['backbone.layers.1.mixer.in_proj.weight']),
        form(4),
      ],
      [
        'model-invalid',
        withTensors((tensors) => tensors['backbone.layers.1.mlp.up_proj.weight']?.data.fill(0xff, 100, 102)),
        form(4),
      ],
    ];
    for (const [code, source, to] of refusals) {
      const wanted = fresh();
      expect((await failure(() => convert(source, wanted, to))).code, code).toBe(code);
      expect(existsSync(wanted)).toBe(false);
    }
  });
});

function withTensors(change: (tensors: Record<string, { data: Uint8Array }>) => void): string {
  const source = fresh();
  cpSync(hub, source, { recursive: true });
  const tensors = tensorsOf(join(hub, 'model.safetensors'));
  change(tensors as Record<string, { data: Uint8Array }>);
  writeFileSync(join(source, 'model.safetensors'), safetensorsFile(tensors));
  return source;
}
