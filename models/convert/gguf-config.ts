/** A GGUF file's values as the config.json of a Llama. */
import { AppError } from '../../electron/shared/errors.ts';
import type { Conversion } from '../../electron/shared/models.ts';
import { quantizationOf } from './config.ts';
import type { Gguf, GgufTensor } from './gguf.ts';
import { bitsOf } from './gguf-blocks.ts';
import { embeddingOf } from './names.ts';
import { invalid } from './source.ts';

export interface GgufShape {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headWidth: number;
  readonly width: number;
}

export function ggufShape(file: Gguf): GgufShape {
  const architecture = file.values.get('general.architecture');
  if (architecture !== 'llama') throw otherKind(file.path, String(architecture).slice(0, 60));
  const experts = file.values.get('llama.expert_count');
  if (typeof experts === 'number' && experts > 0) throw otherKind(file.path, 'llama with experts');
  const width = size(file, 'embedding_length');
  const heads = size(file, 'attention.head_count');
  const kvHeads = file.values.has('llama.attention.head_count_kv')
    ? size(file, 'attention.head_count_kv')
    : heads;
  const rows = file.tensors.get('blk.0.attn_q.weight')?.shape[0] ?? 0;
  const headWidth = rows / heads;
  const turned = file.values.has('llama.rope.dimension_count')
    ? size(file, 'rope.dimension_count')
    : headWidth;
  if (headWidth < 2 || headWidth % 2 !== 0 || !Number.isInteger(headWidth)) {
    throw invalid(file.path, `its ${rows} query rows do not fit ${heads} heads`);
  }
  if (turned !== headWidth) throw otherKind(file.path, 'llama whose heads are turned in part');
  return { heads, kvHeads, headWidth, width };
}

/** `conversion`: of dense numbers; null where they stay what they are. */
export function ggufConfig(
  file: Gguf,
  { heads, kvHeads, headWidth, width }: GgufShape,
  name: string,
  conversion: Conversion | null,
) {
  const { values, tensors } = file;
  const number = (key: string, otherwise: number) => {
    const value = values.get(`llama.${key}`);
    return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
  };
  const scaling = ropeScaling(file, headWidth, number('rope.freq_base', 10_000));
  const quantization = conversion
    ? quantizationOf(conversion, embeddingOf.llama)
    : storedQuantization(tensors);
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    name,
    hidden_size: width,
    intermediate_size: size(file, 'feed_forward_length'),
    num_hidden_layers: size(file, 'block_count'),
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    head_dim: headWidth,
    vocab_size: tensors.get('token_embd.weight')?.shape[0],
    max_position_embeddings: number('context_length', 0) || undefined,
    // Stored in 32 bits: 9.9999997e-6 was written as 1e-5.
    rms_norm_eps: Number(number('attention.layer_norm_rms_epsilon', 1e-5).toPrecision(7)),
    rope_theta: number('rope.freq_base', 10_000),
    ...(scaling && { rope_scaling: scaling }),
    tie_word_embeddings: !tensors.has('output.weight'),
    ...(quantization && { quantization, quantization_config: quantization }),
  };
}

function size(file: Gguf, key: string): number {
  const value = file.values.get(`llama.${key}`);
  if (Number.isSafeInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31)
    return value as number;
  throw invalid(file.path, `it does not say llama.${key}`);
}

/** Of the blocks that the file holds. */
function storedQuantization(tensors: ReadonlyMap<string, GgufTensor>) {
  const bits = (name: string) => {
    const type = tensors.get(name)?.type;
    return type ? bitsOf(type) : null;
  };
  const embedding = bits('token_embd.weight');
  const blocks = bits('blk.0.ffn_down.weight') ?? embedding;
  return (
    blocks && quantizationOf({ bits: blocks, groupSize: 32, embedding: embedding ?? 16 }, embeddingOf.llama)
  );
}

/** What Llama 3.1 and 3.2 do to slow rotations; a GGUF file holds the result only, one factor a rotation. */
const llama3 = { low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };
const llama3Factors = [8, 32];

function ropeScaling(file: Gguf, headWidth: number, base: number): Record<string, unknown> | null {
  const type = file.values.get('llama.rope.scaling.type');
  const factor = file.values.get('llama.rope.scaling.factor');
  if (type === 'linear' && typeof factor === 'number' && factor > 0) return { rope_type: 'linear', factor };
  if (type !== undefined && type !== 'none' && type !== 'linear') throw otherRope(file.path);
  if (!file.ropeFactors) return null;
  const found = llama3Factors.find((factor) =>
    file.ropeFactors?.every((stored, i) => Math.abs(stored / stretch(factor, headWidth, base, i) - 1) < 1e-4),
  );
  if (found === undefined || file.ropeFactors.length !== headWidth / 2) throw otherRope(file.path);
  return { rope_type: 'llama3', factor: found, ...llama3 };
}

/** By how much rotation i is slowed (the engine's llama_shape.cpp has the same). */
function stretch(factor: number, headWidth: number, base: number, i: number): number {
  const { low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: window } = llama3;
  const length = 2 * Math.PI * base ** ((2 * i) / headWidth);
  if (length > window / low) return factor;
  if (length <= window / high) return 1;
  const smooth = (window / length - low) / (high - low);
  return 1 / ((1 - smooth) / factor + smooth);
}

const otherKind = (path: string, kind: string) =>
  new AppError(
    'unsupported',
    `${path} holds a model of the kind "${kind}".`,
    'Of GGUF files plain Llama models can be brought in.',
  );
const otherRope = (path: string) =>
  new AppError(
    'unsupported',
    `${path} scales its positions in a way that is not known here.`,
    'Choose another form of the model.',
  );
