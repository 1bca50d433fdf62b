/** A Llamba as its authors publish it, of any size, with random numbers: written tensor by tensor. */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { seeded } from '../user/seeded.ts';

export interface HubShape {
  readonly vocabulary: number;
  readonly width: number;
  readonly mlp: number;
  readonly blocks: number;
  readonly heads: number;
  readonly state: number;
  readonly dtype: 'F32' | 'BF16' | 'F16';
}

/** Names and shapes in the order of the file. */
export function hubTensors({ vocabulary, width, mlp, blocks, heads, state }: HubShape): [string, number[]][] {
  const convolved = width + 2 * heads * state;
  const block = (b: number): [string, number[]][] => {
    const at = `backbone.layers.${b}.`;
    return [
      [`${at}input_layernorm.weight`, [width]],
      [`${at}mixer.in_proj.weight`, [convolved + width + heads, width]],
      [`${at}mixer.out_proj.weight`, [width, width]],
      [`${at}mixer.conv1d.weight`, [convolved, 1, 4]],
      [`${at}mixer.conv1d.bias`, [convolved]],
      [`${at}mixer.z_bias`, [width]],
      [`${at}mixer.D`, [heads]],
      [`${at}post_attention_layernorm.weight`, [width]],
      [`${at}mlp.gate_proj.weight`, [mlp, width]],
      [`${at}mlp.up_proj.weight`, [mlp, width]],
      [`${at}mlp.down_proj.weight`, [width, mlp]],
    ];
  };
  return [
    ['backbone.embedding.weight', [vocabulary, width]],
    ...Array.from({ length: blocks }, (_, b) => block(b)).flat(),
    ['backbone.final_layernorm.weight', [width]],
  ];
}

/** Returns the largest tensor's bytes. The numbers repeat every 4 MiB: quantizing does not care. */
export function writeHubCheckpoint(folder: string, shape: HubShape, shards = 1): number {
  mkdirSync(folder, { recursive: true });
  const size = shape.dtype === 'F32' ? 4 : 2;
  const random = seeded(7);
  const pool = Float32Array.from({ length: 2 ** 20 }, () => (random.next() - 0.5) / 4);
  const bytes =
    shape.dtype === 'F32'
      ? new Uint8Array(pool.buffer)
      : shape.dtype === 'F16'
        ? new Uint8Array(Float16Array.from(pool).buffer)
        : new Uint8Array(Uint16Array.from(new Uint32Array(pool.buffer), (bits) => bits >>> 16).buffer);
  const tensors = hubTensors(shape).map(([name, dims]) => ({
    name,
    dims,
    bytes: dims.reduce((a, b) => a * b, size),
  }));
  const total = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  const files = Array.from({ length: shards }, () => [] as typeof tensors);
  let before = 0;
  for (const tensor of tensors) {
    files[Math.min(shards - 1, Math.floor((before / total) * shards))]?.push(tensor);
    before += tensor.bytes;
  }
  const map: Record<string, string> = {};
  for (const [i, inFile] of files.entries()) {
    const name = shards === 1 ? 'model.safetensors' : `model-${i + 1}-of-${shards}.safetensors`;
    let at = 0;
    const header = Buffer.from(
      JSON.stringify(
        Object.fromEntries(
          inFile.map((tensor) => {
            map[tensor.name] = name;
            const begin = at;
            at += tensor.bytes;
            return [tensor.name, { dtype: shape.dtype, shape: tensor.dims, data_offsets: [begin, at] }];
          }),
        ),
      ),
    );
    const file = openSync(join(folder, name), 'w');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    writeSync(file, length);
    writeSync(file, header);
    for (let left = at; left > 0; left -= Math.min(left, bytes.length)) {
      writeSync(file, bytes, 0, Math.min(left, bytes.length));
    }
    closeSync(file);
  }
  if (shards > 1) {
    writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
  }
  const { vocabulary, width, blocks, mlp, heads, state } = shape;
  const config = {
    model_type: 'llamba',
    vocab_size: vocabulary,
    tie_embeddings: true,
    d_model: width,
    n_layer: blocks,
    mlp_cfg: { intermediate_size: mlp, act_fn: 'silu' },
    ssm_cfg: { d_state: state, n_v_heads: heads, n_qk_heads: heads, activation: 'identity' },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return Math.max(...tensors.map((tensor) => tensor.bytes));
}
