import { describe, expect, it } from 'vitest';
import { blockTypes, openGguf } from '../../../models/convert/gguf.ts';
import { bitsOf, toAffine } from '../../../models/convert/gguf-blocks.ts';
import { halves, nameOf, openGgufModel } from '../../../models/convert/gguf-model.ts';
import { type GgufEntry, ggufFile } from '../../convert/files.ts';
import { randomNumbers, tiny, tinyGguf } from '../../convert/tiny-llama.ts';
import { place, refusal } from './places.ts';

const { write } = place();
const f16 = (bytes: Uint8Array) => Array.from(new Float16Array(Uint8Array.from(bytes).buffer));

/** ggml's own words on its blocks, weight by weight. */
function weightsOf(block: Buffer, type: 2 | 3 | 8): number[] {
  const [d] = f16(block.subarray(0, 2)) as [number];
  if (type === 8) return Array.from(new Int8Array(Uint8Array.from(block.subarray(2)).buffer), (q) => d * q);
  const [m] = type === 3 ? (f16(block.subarray(2, 4)) as [number]) : [-8 * d];
  const codes = block.subarray(type === 3 ? 4 : 2);
  return Array.from({ length: 32 }, (_, i) => {
    const byte = codes[i % 16] as number;
    return d * (i < 16 ? byte & 15 : byte >> 4) + m;
  });
}

describe('ggml’s blocks as affine groups', () => {
  it.each([2, 3, 8] as const)('are the same weights to the bit: type %s', (kind) => {
    const type = blockTypes[kind];
    const bits = bitsOf(type) as number;
    const { data } = randomNumbers(kind, [8, 64], 5);
    const blocks = Buffer.from(data);
    const { words, scales, biases } = toAffine(blocks, type);
    const codes = new Uint32Array(Uint8Array.from(words).buffer);
    const [s, b] = [f16(scales), f16(biases)];
    const fields = 32 / bits;
    for (let i = 0; i < 512; i++) {
      const code = ((codes[Math.floor(i / fields)] as number) >>> ((i % fields) * bits)) & (2 ** bits - 1);
      const block = Math.floor(i / 32);
      const wanted = weightsOf(blocks.subarray(block * type.bytes, (block + 1) * type.bytes), kind)[i % 32];
      expect((s[block] as number) * code + (b[block] as number)).toBe(wanted);
    }
  });

  it.each([2, 8] as const)(
    'keep every f16 scale whose offset is an f16, and refuse the others: type %s',
    (kind) => {
      const type = blockTypes[kind];
      const factor = kind === 2 ? -8 : -128;
      for (let d = 0; d < 65_536; d++) {
        const block = Buffer.alloc(type.bytes);
        block.writeUInt16LE(d);
        const [scale] = f16(block.subarray(0, 2)) as [number];
        if (!Number.isFinite(scale * factor) || Math.abs(scale * factor) > 65_504) {
          expect(() => toAffine(block, type)).toThrow('a scale that is no number or too large');
        } else {
          expect(f16(toAffine(block, type).biases)[0]).toBe(scale * factor);
        }
      }
    },
  );
});

it('puts the rows of a head back into two halves', () => {
  const pairs = Buffer.from([0, 4, 1, 5, 2, 6, 3, 7, 10, 14, 11, 15, 12, 16, 13, 17]);
  expect([...halves(pairs, 1, 8)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17]);
});

describe('a GGUF file', () => {
  const model = (file: Buffer) => openGgufModel(write('Tiny-Chat.Q4_1.gguf', file));

  it('becomes a Llama of ours', async () => {
    const { name, parts, texts, close } = await model(tinyGguf());
    await close();
    expect(name).toBe('Tiny-Chat');
    const outputs = new Map(parts.flatMap(({ outputs }) => outputs.map((tensor) => [tensor.name, tensor])));
    expect(outputs.get('model.layers.1.self_attn.k_proj.scales')).toMatchObject({
      dtype: 'F16',
      shape: [32, 2],
    });
    expect(outputs.get('model.embed_tokens.weight')).toMatchObject({ dtype: 'U32', shape: [260, 16] });
    expect(outputs.get('model.layers.0.input_layernorm.weight')).toMatchObject({ dtype: 'F32', shape: [64] });
    expect(JSON.parse(texts['config.json'] as string)).toMatchObject({
      model_type: 'llama',
      num_attention_heads: tiny.heads,
      num_key_value_heads: tiny.kvHeads,
      head_dim: tiny.headWidth,
      rms_norm_eps: 1e-5,
      tie_word_embeddings: true,
      quantization: { group_size: 32, bits: 4, 'model.embed_tokens': { group_size: 32, bits: 8 } },
    });
    expect(JSON.parse(texts['generation_config.json'] as string)).toEqual({
      bos_token_id: 258,
      eos_token_id: [259],
    });
  });

  it('tells Llama 3’s rotations by their factors', async () => {
    const factors = (factor: number) =>
      Float32Array.from({ length: 8 }, (_, i) => {
        const length = 2 * Math.PI * 500_000 ** (i / 8);
        const smooth = (8192 / length - 1) / 3;
        return length > 8192 ? factor : length <= 2048 ? 1 : 1 / ((1 - smooth) / factor + smooth);
      });
    const config = async (values: Float32Array) => {
      const file = tinyGguf({}, { 'llama.rope.freq_base': { float: 500_000 } }, (tensors) => {
        tensors['rope_freqs.weight'] = {
          type: 0,
          shape: [values.length],
          data: new Uint8Array(values.buffer),
        };
      });
      const opened = await model(file);
      await opened.close();
      return JSON.parse(opened.texts['config.json'] as string).rope_scaling;
    };
    for (const factor of [8, 32])
      expect(await config(factors(factor))).toMatchObject({ rope_type: 'llama3', factor });
    expect((await refusal(() => config(factors(7)))).code).toBe('unsupported');
  });

  const others: Record<string, Record<string, GgufEntry>> = {
    'another architecture': { 'general.architecture': 'qwen2' },
    experts: { 'llama.expert_count': 8 },
    'another tokenizer': { 'tokenizer.ggml.model': 'llama' },
    'another way to split words': { 'tokenizer.ggml.pre': 'deepseek-llm' },
    'unknown rotations': { 'llama.rope.scaling.type': 'yarn' },
  };
  it.each(Object.entries(others))('of %s is refused as unsupported', async (_, values) => {
    expect((await refusal(() => model(tinyGguf({}, values)))).code).toBe('unsupported');
  });

  it('of other numbers or other tensors is refused', async () => {
    const changed = (change: Parameters<typeof tinyGguf>[2]) => model(tinyGguf({}, {}, change));
    const q6 = await refusal(() =>
      changed((tensors) => {
        tensors['blk.0.ffn_up.weight'] = { type: 14, shape: [96, 64], data: new Uint8Array(96 * 64) };
      }),
    );
    expect(q6).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('blk.0.ffn_up.weight'),
    });
    const bias = await refusal(() =>
      changed((tensors) => {
        tensors['blk.0.attn_q.bias'] = randomNumbers(0, [64], 1);
      }),
    );
    expect(bias.code).toBe('unsupported');
    const lacking = await refusal(() => changed((tensors) => delete tensors['blk.1.ffn_down.weight']));
    expect(lacking).toMatchObject({
      code: 'tensor-missing',
      message: expect.stringContaining('model.layers.1.mlp.down_proj.weight'),
    });
  });

  it('is refused wherever its header is cut', async () => {
    const file = tinyGguf();
    for (let length = 0; length < 9000; length += 37) {
      const path = write('cut.gguf', file.subarray(0, length));
      expect((await refusal(() => openGguf(path))).code, `${length} bytes`).toBe('model-invalid');
    }
  });

  it('is not believed a length that it has no room for', async () => {
    const lies = [
      ggufFile({ a: 'x' }, {}),
      ggufFile({ a: ['x', 'y'] }, {}),
      ggufFile({}, { a: { type: 0, shape: [4], data: new Uint8Array(16) } }),
    ];
    for (const file of lies) {
      for (let at = 8; at + 8 <= file.length; at++) {
        const lie = Buffer.from(file);
        lie.writeBigUInt64LE(2n ** 40n, at);
        const before = process.memoryUsage.rss();
        await openGguf(write('lie.gguf', lie)).then(
          (opened) => opened.close(),
          (error) => expect(error.code).toMatch(/^(model-invalid|unsupported)$/),
        );
        expect(process.memoryUsage.rss() - before).toBeLessThan(64e6);
      }
    }
  });
});

it('names a model by its file, without the words of its numbers', () => {
  expect(
    ['a/SmolLM2-135M-Instruct.Q4_1.gguf', 'x-F16.gguf', 'm.IQ4_XS.gguf', 'plain.gguf'].map(nameOf),
  ).toEqual(['SmolLM2-135M-Instruct', 'x', 'm', 'plain']);
});
