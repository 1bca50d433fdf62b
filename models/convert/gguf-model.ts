/** A Llama in a GGUF file as parts of ours: names, the order of rows, exact numbers, configuration, tokenizer. */
import { basename } from 'node:path';
import { AppError } from '../../electron/shared/errors.ts';
import type { Conversion } from '../../electron/shared/models.ts';
import { type Gguf, type GgufTensor, openGguf } from './gguf.ts';
import { bitsOf, toAffine } from './gguf-blocks.ts';
import { type GgufShape, ggufConfig, ggufShape } from './gguf-config.ts';
import { generationOf, tokenizerOf } from './gguf-tokenizer.ts';
import { embeddingOf, isMatrix, missingNames } from './names.ts';
import { type Block, copied, type Part, type Quantizer, rowBlocks, shrunk } from './parts.ts';
import { elements, rowsOf, type Tensor } from './source.ts';

export interface GgufModel {
  readonly name: string;
  /** No tensor is in blocks. */
  readonly isDense: boolean;
  readonly parts: readonly Part[];
  /** config.json, tokenizer.json, tokenizer_config.json, generation_config.json. */
  readonly texts: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** How dense numbers become smaller. */
export interface Shrink {
  readonly conversion: Conversion;
  readonly quantize: Quantizer;
}

/** Blocks stay what they are, and so does whatever lies dense beside them: only an all dense model is made smaller. */
export async function openGgufModel(path: string, given?: string, shrink?: Shrink): Promise<GgufModel> {
  const file = await openGguf(path);
  try {
    const name = given ?? nameOf(path);
    const shape = ggufShape(file);
    const tensors = [...file.tensors.values()].filter(({ name }) => name !== 'rope_freqs.weight');
    const missing = missingNames('llama', new Set(tensors.map(({ name }) => ourName(name, path))));
    if (missing.length > 0) throw incomplete(path, missing);
    const isDense = tensors.every(({ type }) => bitsOf(type) === null);
    const how = (isDense && shrink) || null;
    const parts = tensors.map((tensor) => partOf(file, tensor, ourName(tensor.name, path), shape, how));
    const text = (value: unknown) => `${JSON.stringify(value, null, 1)}\n`;
    const { tokenizer, config: tokenizerConfig } = tokenizerOf(file);
    const texts = {
      'config.json': text(ggufConfig(file, shape, name, how?.conversion ?? null)),
      'generation_config.json': text(generationOf(file)),
      'tokenizer.json': JSON.stringify(tokenizer),
      'tokenizer_config.json': text(tokenizerConfig),
    };
    return { name, isDense, parts, texts, close: file.close };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The file's own name without the words of its number format, which is told better elsewhere. */
export const nameOf = (path: string) =>
  basename(path)
    .replace(/\.gguf$/i, '')
    .replace(/[.-](I?Q\d\w*|B?F(16|32))$/i, '');

const leaves: Record<string, string> = {
  attn_norm: 'input_layernorm',
  ffn_norm: 'post_attention_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};
const outside: Record<string, string> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
};

function ourName(name: string, path: string): string {
  if (Object.hasOwn(outside, name)) return outside[name] as string;
  const [, block, leaf = ''] = /^blk\.(\d{1,5})\.(\w+)\.weight$/.exec(name) ?? [];
  if (block !== undefined && Object.hasOwn(leaves, leaf))
    return `model.layers.${block}.${leaves[leaf]}.weight`;
  throw new AppError(
    'unsupported',
    `${path} holds "${name.slice(0, 100)}", which is no part of a plain Llama.`,
    'Models with experts, biases or adapters cannot be brought in.',
  );
}

function partOf(
  file: Gguf,
  tensor: GgufTensor,
  name: string,
  { headWidth }: GgufShape,
  shrink: Shrink | null,
): Part {
  const { type } = tensor;
  const columns = elements(tensor.shape.slice(1));
  const bytesPerRow = (columns / type.elements) * type.bytes;
  const turned = /\.attn_[qk]\./.test(tensor.name) ? headWidth : 1;
  if (rowsOf(tensor.shape) % turned !== 0) throw brokenHeads(tensor);
  const read = async (from: number, to: number) =>
    halves(await file.read(tensor.name, from, to), bytesPerRow, turned);
  const blocks = () => rowBlocks(tensor, bytesPerRow, read, turned);
  const bits = bitsOf(type);
  if (bits !== null) return repacked(tensor, name, bits, blocks);
  const dense: Tensor = { name, dtype: type.name as 'F32' | 'F16', shape: tensor.shape };
  if (!shrink || !isMatrix('llama', name)) return copied(dense, blocks);
  const { bits: most, groupSize, embedding } = shrink.conversion;
  const wanted = name === `${embeddingOf.llama}.weight` ? embedding : most;
  return shrunk(dense, blocks, { bits: wanted, groupSize }, shrink.quantize);
}

/** ggml's blocks in MLX's form, number by number the same. */
function repacked(
  tensor: GgufTensor,
  name: string,
  bits: 4 | 8,
  blocks: () => AsyncGenerator<Block<Buffer>>,
): Part {
  if (tensor.shape.length !== 2) throw brokenHeads(tensor);
  const [rows, columns] = tensor.shape as [number, number];
  return {
    outputs: affineOutputs(name, rows, columns, bits),
    sourceBytes: ((rows * columns) / tensor.type.elements) * tensor.type.bytes,
    async *produce() {
      const scales: Uint8Array[] = [];
      const biases: Uint8Array[] = [];
      for await (const { data } of blocks()) {
        const affine = toAffine(data, tensor.type);
        scales.push(affine.scales);
        biases.push(affine.biases);
        yield affine.words;
      }
      yield* scales;
      yield* biases;
    },
  };
}

function affineOutputs(name: string, rows: number, columns: number, bits: number): Tensor[] {
  const stem = name.slice(0, -'.weight'.length);
  return [
    { name, dtype: 'U32', shape: [rows, (columns * bits) / 32] },
    { name: `${stem}.scales`, dtype: 'F16', shape: [rows, columns / 32] },
    { name: `${stem}.biases`, dtype: 'F16', shape: [rows, columns / 32] },
  ];
}

/**
 * llama.cpp keeps the rows of a head of Q and K as adjacent rotary pairs: row 2i + h there is row h D/2 + i here, where
 * the pairs are two halves. Whole rows move, so blocks are not touched.
 */
export function halves(rows: Buffer, bytesPerRow: number, headWidth: number): Buffer {
  if (headWidth === 1) return rows;
  const out = Buffer.allocUnsafe(rows.length);
  const count = rows.length / bytesPerRow;
  for (let row = 0; row < count; row++) {
    const inHead = row % headWidth;
    const from = row - inHead + 2 * (inHead % (headWidth / 2)) + (inHead < headWidth / 2 ? 0 : 1);
    rows.copy(out, row * bytesPerRow, from * bytesPerRow, (from + 1) * bytesPerRow);
  }
  return out;
}

const brokenHeads = ({ name, shape }: GgufTensor) =>
  new AppError(
    'tensor-shape',
    `${name} [${shape.join(', ')}] does not fit the model.`,
    'Fetch the model again.',
  );
const incomplete = (path: string, names: readonly string[]) =>
  new AppError(
    'tensor-missing',
    `${path} lacks ${names.length} tensors: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' and more' : ''}.`,
    'The file is damaged or a part of several. Fetch the model again, as one file.',
  );
