/** Reads safetensors files as the engine does: nothing that the header claims is believed before it was checked. */
import { openFile, type PositionedFile } from './positioned-file.ts';
import {
  bytesOf,
  type Dtype,
  elementBytes,
  invalid,
  rowBytes,
  type Tensor,
  type TensorSource,
} from './source.ts';

/** A model of 1000 tensors needs 100 KB. What JSON builds may be 10 times its size. */
const maxHeaderBytes = 16_000_000;
const maxAxes = 8;

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  /** `begin`: bytes from the file's start. */
  readonly tensors: ReadonlyMap<string, Tensor & { readonly begin: number }>;
}

/** Throws `model-invalid` naming the tensor and the fault. */
export async function readHeader(file: PositionedFile): Promise<SafetensorsHeader> {
  const { path } = file;
  if (file.size < 10) throw invalid(path, 'it is too short');
  const length = (await file.read(0, 8)).readBigUInt64LE();
  if (length > BigInt(maxHeaderBytes) || Number(length) > file.size - 8) {
    throw invalid(path, "its header's length is impossible");
  }
  const data = 8 + Number(length);
  const header = parse(path, await file.read(8, Number(length)));
  const tensors = new Map<string, Tensor & { begin: number }>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { begin, ...tensor } = readEntry(path, name, entry, file.size - data);
    tensors.set(name, { ...tensor, begin: data + begin });
  }
  checkTiling(path, [...tensors.values()], data, file.size);
  return { metadata: readMetadata(path, header.__metadata__), tensors };
}

export async function openSafetensors(path: string): Promise<TensorSource> {
  const file = await openFile(path);
  try {
    const { metadata, tensors } = await readHeader(file);
    return {
      tensors,
      metadata,
      read: (name, from, to) => {
        const tensor = tensors.get(name) as Tensor & { begin: number };
        const bytes = rowBytes(tensor);
        return file.read(tensor.begin + from * bytes, (to - from) * bytes);
      },
      close: file.close,
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function parse(path: string, text: Buffer): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    throw invalid(path, 'its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw invalid(path, 'its header is not an object');
  }
  return header as Record<string, unknown>;
}

/** MLX writes null when it has none. */
function readMetadata(path: string, metadata: unknown): Record<string, string> {
  const given = metadata ?? {};
  const isText =
    typeof given === 'object' && Object.values(given).every((value) => typeof value === 'string');
  if (!isText || Array.isArray(given)) throw invalid(path, 'its metadata holds something else than strings');
  return given as Record<string, string>;
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function readEntry(
  path: string,
  name: string,
  entry: unknown,
  dataBytes: number,
): Tensor & { begin: number } {
  const what = `tensor "${name.slice(0, 200)}"`;
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Array.isArray(shape) || !Array.isArray(offsets)) {
    throw invalid(path, `${what} lacks dtype, shape or data_offsets`);
  }
  if (!Object.hasOwn(elementBytes, dtype))
    throw invalid(path, `${what} has the unknown type "${dtype.slice(0, 40)}"`);
  if (shape.length > maxAxes || !shape.every((size) => isSize(size) && size < 2 ** 31)) {
    throw invalid(path, `${what} has an impossible shape`);
  }
  const [begin, end] = offsets;
  if (offsets.length !== 2 || !isSize(begin) || !isSize(end) || begin > end) {
    throw invalid(path, `${what} has bad data_offsets`);
  }
  if (end > dataBytes) throw invalid(path, `${what} lies beyond the end of the file`);
  const tensor = { name, dtype: dtype as Dtype, shape: shape as number[] };
  if (bytesOf(tensor) !== end - begin) {
    throw invalid(path, `${what} has ${end - begin} bytes where its shape needs ${bytesOf(tensor)}`);
  }
  return { ...tensor, begin };
}

/** The format allows neither overlaps nor holes. */
function checkTiling(
  path: string,
  tensors: (Tensor & { begin: number })[],
  data: number,
  size: number,
): void {
  let at = data;
  const inOrder = tensors.toSorted((a, b) => a.begin - b.begin || bytesOf(a) - bytesOf(b));
  for (const tensor of inOrder) {
    if (tensor.begin !== at) {
      const how = tensor.begin < at ? 'overlaps another' : 'follows a hole';
      throw invalid(path, `tensor "${tensor.name.slice(0, 200)}" ${how}`);
    }
    at += bytesOf(tensor);
  }
  if (at !== size) throw invalid(path, 'it has bytes that belong to no tensor');
}
