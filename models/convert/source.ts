/** Where a model's tensors come from, whatever wrote the file. */
import { AppError } from '../../electron/shared/errors.ts';

/** Bytes of one element, by the word that safetensors has for a type. */
export const elementBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const;

export type Dtype = keyof typeof elementBytes;
export type Float = 'F32' | 'F16' | 'BF16';

export const isFloat = (dtype: Dtype): dtype is Float =>
  dtype === 'F32' || dtype === 'F16' || dtype === 'BF16';

export interface Tensor {
  readonly name: string;
  readonly dtype: Dtype;
  /** Row-major; a vector has one axis. */
  readonly shape: readonly number[];
}

export interface TensorSource {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** What the file says of itself: text by text. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Rows `from` to `to` of the first axis as stored, little end first. */
  read(name: string, from: number, to: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
export const bytesOf = ({ dtype, shape }: Pick<Tensor, 'dtype' | 'shape'>) =>
  elements(shape) * elementBytes[dtype];
export const rowsOf = (shape: readonly number[]) => shape[0] ?? 1;
export const rowBytes = (tensor: Pick<Tensor, 'dtype' | 'shape'>) =>
  rowsOf(tensor.shape) === 0 ? 0 : bytesOf(tensor) / rowsOf(tensor.shape);

export const invalid = (path: string, why: string) =>
  new AppError(
    'model-invalid',
    `${path} is not valid: ${why}.`,
    'It is damaged or incomplete: fetch it again.',
  );

/** Several files as one; a tensor that two of them hold is an error. */
export function together(sources: readonly TensorSource[], path: string): TensorSource {
  const tensors = new Map<string, Tensor>();
  const owner = new Map<string, TensorSource>();
  for (const source of sources) {
    for (const [name, tensor] of source.tensors) {
      if (owner.has(name)) throw invalid(path, `"${name.slice(0, 200)}" is stored twice`);
      owner.set(name, source);
      tensors.set(name, tensor);
    }
  }
  return {
    tensors,
    metadata: Object.assign({}, ...sources.toReversed().map(({ metadata }) => metadata)),
    read: (name, from, to) => (owner.get(name) as TensorSource).read(name, from, to),
    close: async () => void (await Promise.all(sources.map((source) => source.close()))),
  };
}
