/** A Llama small enough for a test, as a GGUF file with whatever number types are asked for. */
import { seeded } from '../user/seeded.ts';
import { type GgufEntry, type GgufNumbers, ggufFile } from './files.ts';

export const tiny = { width: 64, mlp: 96, heads: 4, kvHeads: 2, blocks: 2, headWidth: 16 };

const blockBytes: Record<number, number> = { 2: 18, 3: 20, 8: 34 };

/** Random blocks whose scales are small numbers. */
export function randomNumbers(type: 0 | 2 | 3 | 8, shape: readonly number[], seed: number): GgufNumbers {
  const random = seeded(seed);
  const count = shape.reduce((a, b) => a * b, 1);
  if (type === 0) {
    const values = Float32Array.from({ length: count }, () => random.next() - 0.5);
    return { type, shape, data: new Uint8Array(values.buffer) };
  }
  const bytes = blockBytes[type] as number;
  const data = Buffer.from(Array.from({ length: (count / 32) * bytes }, () => random.between(0, 255)));
  for (let at = 0; at < data.length; at += bytes) {
    // f16: 2^-7 to 2^-5 with a random fraction and sign.
    data.writeUInt16LE(
      (random.between(8, 9) << 10) | random.between(0, 1023) | (random.between(0, 1) << 15),
      at,
    );
    if (type === 3) data.writeUInt16LE((random.between(8, 10) << 10) | random.between(0, 1023), at + 2);
  }
  return { type, shape, data };
}

/** GPT-2's printable stand-ins of the 256 bytes, then two merges, then two special tokens. */
export function tinyVocabulary() {
  const chars = Array.from({ length: 256 }, (_, byte) => byte);
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let beyond = 256;
  const tokens = chars.map((byte) => String.fromCodePoint(printable(byte) ? byte : beyond++));
  tokens.push('th', 'the', '<|im_start|>', '<|im_end|>');
  return { tokens, merges: ['t h', 'th e'], types: tokens.map((_, id) => (id >= 258 ? 3 : 1)) };
}

export function tinyGguf(
  types: { embedding?: 0 | 2 | 3 | 8; matrices?: 0 | 2 | 3 | 8 } = {},
  more: Record<string, GgufEntry> = {},
  change: (tensors: Record<string, GgufNumbers>) => void = () => undefined,
): Buffer {
  const { embedding = 8, matrices = 3 } = types;
  const { tokens, merges, types: kinds } = tinyVocabulary();
  const { width, mlp, heads, kvHeads, blocks, headWidth } = tiny;
  const tensors: Record<string, GgufNumbers> = {
    'token_embd.weight': randomNumbers(embedding, [tokens.length, width], 1),
    'output_norm.weight': randomNumbers(0, [width], 2),
  };
  const shapes: Record<string, [number, number]> = {
    attn_q: [heads * headWidth, width],
    attn_k: [kvHeads * headWidth, width],
    attn_v: [kvHeads * headWidth, width],
    attn_output: [width, heads * headWidth],
    ffn_gate: [mlp, width],
    ffn_up: [mlp, width],
    ffn_down: [width, mlp],
  };
  for (let block = 0; block < blocks; block++) {
    for (const [i, [leaf, shape]] of Object.entries(shapes).entries()) {
      tensors[`blk.${block}.${leaf}.weight`] = randomNumbers(matrices, shape, 10 * block + i + 3);
    }
    for (const leaf of ['attn_norm', 'ffn_norm']) {
      tensors[`blk.${block}.${leaf}.weight`] = randomNumbers(0, [width], 100 + block);
    }
  }
  change(tensors);
  return ggufFile(
    {
      'general.architecture': 'llama',
      'llama.block_count': blocks,
      'llama.context_length': 2048,
      'llama.embedding_length': width,
      'llama.feed_forward_length': mlp,
      'llama.attention.head_count': heads,
      'llama.attention.head_count_kv': kvHeads,
      'llama.rope.freq_base': { float: 10000 },
      'llama.attention.layer_norm_rms_epsilon': { float: 1e-5 },
      'llama.rope.dimension_count': headWidth,
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.pre': 'smollm',
      'tokenizer.ggml.tokens': tokens,
      'tokenizer.ggml.token_type': kinds,
      'tokenizer.ggml.merges': merges,
      'tokenizer.ggml.bos_token_id': 258,
      'tokenizer.ggml.eos_token_id': 259,
      'tokenizer.chat_template': '{{ messages[0].content }}',
      ...more,
    },
    tensors,
  );
}
