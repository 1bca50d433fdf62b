/** Pieces of a model to be written: each some tensors, made of one, in blocks of rows so that memory stays bounded. */
import { AppError } from '../../electron/shared/errors.ts';
import type { Matrix, Quantized } from '../../native-mlx/addon.ts';
import { bytesOf, type Float, rowBytes, rowsOf, type Tensor, type TensorSource } from './source.ts';

export interface Part {
  /** In the order of their bytes. */
  readonly outputs: readonly Tensor[];
  /** Bytes read for it: the measure of progress. */
  readonly sourceBytes: number;
  /** The outputs' bytes, one after another. */
  produce(): AsyncGenerator<Uint8Array>;
}

export type Quantizer = (data: Uint8Array, matrix: Matrix) => Promise<Quantized>;

/** Of the source; what is made of it takes a few times as much for a moment. */
const blockBytes = 8 * 2 ** 20;

export interface Block<Data extends Uint8Array = Uint8Array> {
  readonly data: Data;
  readonly rows: number;
}

/** A tensor's rows in blocks; `multiple`: of so many rows, but for the last. */
export async function* rowBlocks<Data extends Uint8Array>(
  tensor: Pick<Tensor, 'shape'>,
  bytesPerRow: number,
  read: (from: number, to: number) => Promise<Data>,
  multiple = 1,
): AsyncGenerator<Block<Data>> {
  const rows = rowsOf(tensor.shape);
  const step = Math.max(1, Math.floor(blockBytes / Math.max(1, bytesPerRow * multiple))) * multiple;
  for (let from = 0; from < rows; from += step) {
    const to = Math.min(rows, from + step);
    yield { data: await read(from, to), rows: to - from };
  }
}

/** A tensor's rows from the first to the last; each call begins again. */
export type Blocks = () => AsyncGenerator<Block>;

export const blocksOf =
  (source: Pick<TensorSource, 'read'>, tensor: Tensor): Blocks =>
  () =>
    rowBlocks(tensor, rowBytes(tensor), (from, to) => source.read(tensor.name, from, to));

/** As it is stored. */
export function copied(tensor: Tensor, blocks: Blocks, shape = tensor.shape): Part {
  return {
    outputs: [{ ...tensor, shape }],
    sourceBytes: bytesOf(tensor),
    async *produce() {
      for await (const { data } of blocks()) yield data;
    },
  };
}

/** In 16 bits: F32 becomes BF16, which has its range. */
function halved(tensor: Tensor, blocks: Blocks): Part {
  if (tensor.dtype !== 'F32') return copied(tensor, blocks);
  return {
    outputs: [{ ...tensor, dtype: 'BF16' }],
    sourceBytes: bytesOf(tensor),
    async *produce() {
      for await (const { data } of blocks()) yield toBf16(data);
    },
  };
}

/** A matrix at the bits that are asked of it, or at 16. Throws `tensor-shape` and `bad-request` where it cannot be. */
export function shrunk(
  tensor: Tensor,
  blocks: Blocks,
  { bits, groupSize }: { bits: 4 | 8 | 16; groupSize: Matrix['groupSize'] },
  quantize: Quantizer,
): Part {
  if (tensor.shape.length !== 2) throw noMatrix(tensor);
  if (bits === 16) return halved(tensor, blocks);
  if ((tensor.shape[1] as number) % groupSize !== 0) throw odd(tensor, groupSize);
  return quantized(tensor, blocks, { bits, groupSize }, quantize);
}

/** `stem`.weight as words, scales and biases. */
function quantized(
  tensor: Tensor,
  blocks: Blocks,
  form: Pick<Matrix, 'bits' | 'groupSize'>,
  quantize: Quantizer,
): Part {
  const [rows, columns] = tensor.shape as [number, number];
  const stem = tensor.name.slice(0, -'.weight'.length);
  const half = tensor.dtype === 'F16' ? 'F16' : 'BF16';
  const groups = [rows, columns / form.groupSize];
  return {
    outputs: [
      { name: `${stem}.weight`, dtype: 'U32', shape: [rows, (columns * form.bits) / 32] },
      { name: `${stem}.scales`, dtype: half, shape: groups },
      { name: `${stem}.biases`, dtype: half, shape: groups },
    ],
    sourceBytes: bytesOf(tensor),
    async *produce() {
      const scales: Uint8Array[] = [];
      const biases: Uint8Array[] = [];
      for await (const { data, rows } of ahead(blocks())) {
        const made = await quantize(data, { dtype: tensor.dtype as Float, rows, columns, ...form });
        scales.push(made.scales);
        biases.push(made.biases);
        yield made.words;
      }
      yield* scales;
      yield* biases;
    },
  };
}

/** Asks for the next while this one is worked on. */
export async function* ahead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  const ask = () => {
    const asked = items.next();
    asked.catch(() => undefined); // told when its turn comes
    return asked;
  };
  let next = ask();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = ask();
      yield value;
    }
  } finally {
    await next.catch(() => undefined);
    await items.return(undefined);
  }
}

/** Float32 bits to bfloat16, to nearest, ties to even; a NaN stays one. */
export function toBf16(data: Uint8Array): Uint8Array {
  const from = new Uint32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
  const to = new Uint16Array(from.length);
  for (let i = 0; i < from.length; i++) {
    const bits = from[i] as number;
    const noNumber = (bits & 0x7fff_ffff) > 0x7f80_0000;
    to[i] = noNumber ? (bits >>> 16) | 0x40 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  }
  return new Uint8Array(to.buffer);
}

const noMatrix = ({ name, shape }: Tensor) =>
  new AppError(
    'tensor-shape',
    `${name} [${shape.join(', ')}] is no matrix.`,
    'The download is incomplete, or the model is of another kind.',
  );
const odd = ({ name, shape }: Tensor, groupSize: number) =>
  new AppError(
    'bad-request',
    `Groups of ${groupSize} do not divide the ${shape[1]} columns of ${name}.`,
    groupSize > 32 ? 'Choose smaller groups.' : 'This model cannot be quantized.',
  );
