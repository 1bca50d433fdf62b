/** A model of a published shape and random weights, in 4 bits: its speed and memory are those of the real one. */
import { randomFillSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Part } from '../../../models/convert/parts.ts';
import { indexOf, layShards, partBytes } from '../../../models/convert/shards.ts';
import { writeShards } from '../../../models/convert/writer.ts';
import type { ModelEntry } from '../../shared/contract.ts';
import { type Shape, stateSize, taps } from './shapes.ts';

const bits = 4;
const groupSize = 64;
const pieceBytes = 2 ** 20;

/** Written to a folder of its own, for `remove` to take away. Throws `disk-full` before the first byte. */
export async function writeRandomModel(
  name: string,
  shape: Shape,
  signal: AbortSignal,
): Promise<{ entry: ModelEntry; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, name);
    const parts = shape.architecture === 'llamba' ? llambaParts(shape) : llamaParts(shape);
    const shards = layShards(parts, { format: 'mlx' });
    await writeShards(path, join(folder, 'journal'), name, shards, { signal });
    const config = shape.architecture === 'llamba' ? llambaConfig(shape) : llamaConfig(shape);
    await writeFile(join(path, 'config.json'), JSON.stringify({ name: `${name} (random)`, ...config }));
    await writeFile(join(path, 'model.safetensors.index.json'), JSON.stringify(indexOf(shards)));
    const weightBytes = parts.reduce((sum, part) => sum + partBytes(part), 0);
    return { entry: { id: name, name: `${name} (random)`, path, weightBytes, embedded: false }, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Bytes on the disk. */
export const randomModelBytes = (shape: Shape): number =>
  (shape.architecture === 'llamba' ? llambaParts(shape) : llamaParts(shape)).reduce(
    (sum, part) => sum + partBytes(part),
    0,
  );

function llambaParts({ vocabulary, width, blocks, heads, mlpWidth, tied }: Shape): Part[] {
  const convolved = width + 2 * heads * stateSize;
  const block = (b: number): Part[] => {
    const [mixer, mlp] = [`model.layers.${2 * b}.`, `model.layers.${2 * b + 1}.`];
    return [
      matrix(`${mixer}layer.in_proj`, convolved + width + heads, width),
      matrix(`${mixer}layer.out_proj`, width, width),
      vector(`${mixer}layer.conv_weight`, [convolved, taps], 1 / taps),
      vector(`${mixer}layer.conv_bias`, [convolved], 0),
      vector(`${mixer}layer.z_bias`, [width], 1),
      vector(`${mixer}layer.D`, [heads], 1),
      vector(`${mixer}norm.weight`, [width], 1),
      matrix(`${mlp}layer.in_proj`, mlpWidth, width),
      matrix(`${mlp}layer.gate_proj`, mlpWidth, width),
      matrix(`${mlp}layer.out_proj`, width, mlpWidth),
      vector(`${mlp}norm.weight`, [width], 1),
    ];
  };
  return [
    matrix('embedding.encoder', vocabulary, width),
    ...Array.from({ length: blocks }, (_, b) => block(b)).flat(),
    vector('model.norm.weight', [width], 1),
    ...(tied ? [] : [matrix('head.linear', vocabulary, width)]),
  ];
}

const llambaConfig = ({ vocabulary, width, blocks, heads, mlpWidth, tied }: Shape) => ({
  model_type: 'llamba',
  ...{ vocab_size: vocabulary, d_model: width, n_layer: blocks, tie_embeddings: tied },
  mlp_cfg: { intermediate_size: mlpWidth, bias: false, act_fn: 'silu' },
  ssm_cfg: {
    ...{ d_state: stateSize, n_v_heads: heads, n_qk_heads: heads, expand: 1, d_conv: taps },
    ...{ activation: 'identity', bias: false, conv_bias: true },
  },
  tensor_names: 'cartesia-mlx',
  quantization: { group_size: groupSize, bits },
});

function llamaParts({ vocabulary, width, blocks, heads, kvHeads, mlpWidth, tied }: Shape): Part[] {
  const kv = (kvHeads * width) / heads;
  const block = (b: number): Part[] => {
    const at = `model.layers.${b}.`;
    return [
      matrix(`${at}self_attn.q_proj`, width, width),
      matrix(`${at}self_attn.k_proj`, kv, width),
      matrix(`${at}self_attn.v_proj`, kv, width),
      matrix(`${at}self_attn.o_proj`, width, width),
      matrix(`${at}mlp.gate_proj`, mlpWidth, width),
      matrix(`${at}mlp.up_proj`, mlpWidth, width),
      matrix(`${at}mlp.down_proj`, width, mlpWidth),
      vector(`${at}input_layernorm.weight`, [width], 1),
      vector(`${at}post_attention_layernorm.weight`, [width], 1),
    ];
  };
  return [
    matrix('model.embed_tokens', vocabulary, width),
    ...Array.from({ length: blocks }, (_, b) => block(b)).flat(),
    vector('model.norm.weight', [width], 1),
    ...(tied ? [] : [matrix('lm_head', vocabulary, width)]),
  ];
}

const llamaConfig = ({ vocabulary, width, blocks, heads, kvHeads, mlpWidth, tied }: Shape) => ({
  ...{ model_type: 'llama', architectures: ['LlamaForCausalLM'], vocab_size: vocabulary, hidden_size: width },
  ...{ num_hidden_layers: blocks, num_attention_heads: heads, num_key_value_heads: kvHeads },
  ...{ head_dim: width / heads, intermediate_size: mlpWidth, hidden_act: 'silu', rms_norm_eps: 1e-5 },
  ...{ rope_theta: 500_000, max_position_embeddings: 131_072, tie_word_embeddings: tied },
  quantization: { group_size: groupSize, bits },
});

/** Codes 0 to 15 at random; scale and bias such that a row's output is about as large as its input. */
function matrix(stem: string, rows: number, columns: number): Part {
  const groups = (rows * columns) / groupSize;
  const scale = 1 / (Math.sqrt((16 ** 2 - 1) / 12) * Math.sqrt(columns));
  const words = (rows * columns * bits) / 8;
  return {
    outputs: [
      { name: `${stem}.weight`, dtype: 'U32', shape: [rows, (columns * bits) / 32] },
      { name: `${stem}.scales`, dtype: 'BF16', shape: [rows, columns / groupSize] },
      { name: `${stem}.biases`, dtype: 'BF16', shape: [rows, columns / groupSize] },
    ],
    sourceBytes: words,
    async *produce() {
      for (let at = 0; at < words; at += pieceBytes) {
        yield randomFillSync(new Uint8Array(Math.min(pieceBytes, words - at)));
      }
      yield repeated(scale, groups);
      yield repeated(-7.5 * scale, groups);
    },
  };
}

function vector(name: string, shape: readonly number[], value: number): Part {
  const count = shape.reduce((a, b) => a * b, 1);
  return {
    outputs: [{ name, dtype: 'BF16', shape }],
    sourceBytes: 2 * count,
    async *produce() {
      yield repeated(value, count);
    },
  };
}

/** In bfloat16: the upper half of the float32. */
function repeated(value: number, count: number): Uint8Array {
  const [whole] = new Uint32Array(Float32Array.of(value).buffer);
  return new Uint8Array(new Uint16Array(count).fill((whole as number) >>> 16).buffer);
}
