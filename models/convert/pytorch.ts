/** Reads PyTorch's checkpoint files (a zip of one pickle and raw storages), without running anything they say. */
import { readStateDict } from './pickle.ts';
import { type PickledTensor, PickleError } from './pickle-values.ts';
import { openFile, type PositionedFile } from './positioned-file.ts';
import {
  type Dtype,
  elementBytes,
  elements,
  invalid,
  rowBytes,
  type Tensor,
  type TensorSource,
} from './source.ts';
import { dataOffset, readZip, type ZipEntry } from './zip.ts';

/** A model of 300 tensors needs 60 KB. What a pickle builds may be 50 times its size. */
const maxPickleBytes = 4_000_000;

const dtypes: Record<string, Dtype> = {
  Float: 'F32',
  Half: 'F16',
  BFloat16: 'BF16',
  Double: 'F64',
  Long: 'I64',
  Int: 'I32',
  Short: 'I16',
  Char: 'I8',
  Byte: 'U8',
  Bool: 'BOOL',
};

export async function openPytorch(path: string): Promise<TensorSource> {
  const file = await openFile(path);
  try {
    return await read(file);
  } catch (error) {
    await file.close();
    throw error instanceof PickleError ? invalid(path, error.message) : error;
  }
}

async function read(file: PositionedFile): Promise<TensorSource> {
  const entries = await readZip(file);
  const pickle = [...entries.values()].find(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
  if (!pickle) throw invalid(file.path, 'it is no checkpoint of PyTorch 1.6 or later');
  if (pickle.bytes > maxPickleBytes) throw invalid(file.path, 'its table of tensors is too long');
  const prefix = pickle.name.slice(0, -'data.pkl'.length);
  const byteOrder = entries.get(`${prefix}byteorder`);
  if (byteOrder && (await stored(file, byteOrder)).toString() !== 'little') {
    throw invalid(file.path, 'its numbers have their big end first');
  }
  const tensors = new Map<string, Tensor & { begin: number }>();
  for (const [name, pickled] of readStateDict(await stored(file, pickle))) {
    const entry = entries.get(`${prefix}data/${pickled.storage.key}`);
    if (!entry) throw invalid(file.path, `the numbers of "${name.slice(0, 200)}" are not in it`);
    tensors.set(name, await locate(file, name, pickled, entry));
  }
  return {
    tensors,
    metadata: {},
    read: (name, from, to) => {
      const tensor = tensors.get(name) as Tensor & { begin: number };
      const bytes = rowBytes(tensor);
      return file.read(tensor.begin + from * bytes, (to - from) * bytes);
    },
    close: file.close,
  };
}

/** PyTorch never deflates: what is deflated was packed by something else. */
async function begin(file: PositionedFile, entry: ZipEntry): Promise<number> {
  if (entry.method !== 'stored' || entry.bytes !== entry.storedBytes) {
    throw invalid(file.path, `${entry.name.slice(0, 100)} is compressed`);
  }
  return dataOffset(file, entry);
}

const stored = async (file: PositionedFile, entry: ZipEntry) =>
  file.read(await begin(file, entry), entry.bytes);

async function locate(file: PositionedFile, name: string, pickled: PickledTensor, entry: ZipEntry) {
  const { storage, offset, shape, strides } = pickled;
  const dtype = dtypes[storage.type] as Dtype;
  const size = elementBytes[dtype];
  const what = `"${name.slice(0, 200)}"`;
  if (!isContiguous(shape, strides)) throw invalid(file.path, `${what} does not lie row by row`);
  if ((offset + elements(shape)) * size > entry.bytes)
    throw invalid(file.path, `${what} is longer than its numbers`);
  return { name, dtype, shape, begin: (await begin(file, entry)) + offset * size };
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  if (shape.length !== strides.length) return false;
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number;
    if (size !== 1 && strides[axis] !== step) return false;
    step *= size;
  }
  return true;
}
