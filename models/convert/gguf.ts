/**
 * Reads GGUF files, versions 2 and 3, little end first: a table of values, a table of tensors, and the tensors' numbers,
 * which are read by position.
 */

import { openFile, type PositionedFile } from './positioned-file.ts';
import { elements, invalid } from './source.ts';

/** Elements and bytes of a block, by ggml's number for a type; the types that can be brought in without loss. */
export const blockTypes = {
  0: { name: 'F32', elements: 1, bytes: 4 },
  1: { name: 'F16', elements: 1, bytes: 2 },
  2: { name: 'Q4_0', elements: 32, bytes: 18 },
  3: { name: 'Q4_1', elements: 32, bytes: 20 },
  8: { name: 'Q8_0', elements: 32, bytes: 34 },
} as const;

export type BlockType = (typeof blockTypes)[keyof typeof blockTypes];

export interface GgufTensor {
  readonly name: string;
  readonly type: BlockType;
  /** Row-major, as everywhere here: GGUF writes the fastest axis first. */
  readonly shape: readonly number[];
  /** Bytes from the file's start. */
  readonly begin: number;
}

export type GgufValue = number | boolean | string | readonly GgufValue[];

export interface Gguf {
  readonly path: string;
  readonly bytes: number;
  readonly values: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  /** Of `rope_freqs.weight`: by how much each rotation is slowed; null where there is none. */
  readonly ropeFactors: readonly number[] | null;
  /** Bytes of rows `from` to `to`, in blocks. */
  read(name: string, from: number, to: number): Promise<Buffer>;
  close(): Promise<void>;
}

const maxHeaderBytes = 64_000_000; // Llama 3's, with its 280,000 merges, has 8 MB
const maxTensors = 100_000;

/** Throws `model-invalid`, and `unsupported` for a type of numbers that is not known here. */
export async function openGguf(path: string): Promise<Gguf> {
  const file = await openFile(path);
  try {
    const cursor = new Cursor(file);
    await cursor.want(24);
    if (cursor.uint32() !== 0x4655_4747) throw invalid(path, 'it is no GGUF file');
    const version = cursor.uint32();
    if (version !== 2 && version !== 3) throw invalid(path, `its version ${version} is not known`);
    const tensorCount = cursor.count();
    const valueCount = cursor.count();
    const values = await readValues(cursor, valueCount);
    const tensors = await readTensors(cursor, tensorCount, Number(values.get('general.alignment') ?? 32));
    return {
      path,
      bytes: file.size,
      values,
      tensors,
      ropeFactors: await readFactors(file, tensors.get('rope_freqs.weight')),
      read: (name, from, to) => {
        const { type, shape, begin } = tensors.get(name) as GgufTensor;
        const bytes = (elements(shape.slice(1)) / type.elements) * type.bytes;
        return file.read(begin + from * bytes, (to - from) * bytes);
      },
      close: file.close,
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readFactors(file: PositionedFile, tensor: GgufTensor | undefined): Promise<number[] | null> {
  if (!tensor) return null;
  const [count = 0, ...more] = tensor.shape;
  if (tensor.type.name !== 'F32' || more.length > 0 || count > 65_536)
    throw invalid(file.path, 'its rotations are broken');
  const bytes = await file.read(tensor.begin, 4 * count);
  return Array.from({ length: count }, (_, i) => bytes.readFloatLE(4 * i));
}

async function readValues(cursor: Cursor, count: number): Promise<Map<string, GgufValue>> {
  const values = new Map<string, GgufValue>();
  for (let i = 0; i < count; i++) {
    const key = await cursor.text();
    await cursor.want(4);
    values.set(key, await cursor.value(cursor.uint32(), 0));
  }
  return values;
}

async function readTensors(
  cursor: Cursor,
  count: number,
  alignment: number,
): Promise<Map<string, GgufTensor>> {
  const { file } = cursor;
  if (count > maxTensors) throw invalid(file.path, 'it claims too many tensors');
  if (!(alignment >= 1 && alignment <= 65_536)) throw invalid(file.path, 'its alignment is impossible');
  const entries: { name: string; shape: number[]; kind: number; offset: number }[] = [];
  for (let i = 0; i < count; i++) {
    const name = await cursor.text();
    await cursor.want(4);
    const axes = cursor.uint32();
    if (axes < 1 || axes > 4)
      throw invalid(file.path, `tensor "${name.slice(0, 200)}" has ${axes} dimensions`);
    await cursor.want(8 * axes + 12);
    const shape = Array.from({ length: axes }, () => cursor.count()).reverse();
    entries.push({ name, shape, kind: cursor.uint32(), offset: cursor.count() });
  }
  const data = Math.ceil(cursor.at / alignment) * alignment;
  const tensors = new Map<string, GgufTensor>();
  for (const { name, shape, kind, offset } of entries) {
    const what = `tensor "${name.slice(0, 200)}"`;
    const type = (blockTypes as Record<number, BlockType>)[kind];
    if (!type) throw unknownType(file.path, what, kind);
    if (tensors.has(name)) throw invalid(file.path, `${what} is stored twice`);
    if ((shape.at(-1) as number) % type.elements !== 0) throw invalid(file.path, `${what} has broken blocks`);
    const bytes = (elements(shape) / type.elements) * type.bytes;
    if (!(data + offset + bytes <= file.size))
      throw invalid(file.path, `${what} lies beyond the end of the file`);
    tensors.set(name, { name, type, shape, begin: data + offset });
  }
  return tensors;
}

const unknownType = (path: string, what: string, kind: number) =>
  Object.assign(
    invalid(path, `${what} has numbers of ggml's type ${kind}; F32, F16, Q4_0, Q4_1 and Q8_0 are known`),
    {
      code: 'unsupported' as const,
      hint: 'Fetch the model in another form: Q4_1, Q4_0, Q8_0 or F16.',
    },
  );

const scalarBytes = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];

/** Goes through the header, reading the file by windows; nothing is believed that the file has no room for. */
class Cursor {
  readonly file: PositionedFile;
  at = 0;
  #window: Buffer = Buffer.alloc(0);
  #from = 0;

  constructor(file: PositionedFile) {
    this.file = file;
  }

  /** Has `bytes` from here on in the window. */
  async want(bytes: number): Promise<void> {
    if (this.at + bytes > maxHeaderBytes) throw invalid(this.file.path, 'its header is too long');
    if (this.at + bytes <= this.#from + this.#window.length) return;
    if (this.at + bytes > this.file.size) throw invalid(this.file.path, 'it ends within its header');
    const length = Math.min(Math.max(bytes, 1 << 20), this.file.size - this.at);
    this.#window = await this.file.read(this.at, length);
    this.#from = this.at;
  }

  #advance(bytes: number): number {
    this.at += bytes;
    return this.at - bytes - this.#from;
  }
  uint32(): number {
    return this.#window.readUInt32LE(this.#advance(4));
  }
  /** A 64-bit count, as a number. */
  count(): number {
    const value = this.#window.readBigUInt64LE(this.#advance(8));
    if (value > 2n ** 48n) throw invalid(this.file.path, 'a size is impossible');
    return Number(value);
  }
  async text(): Promise<string> {
    await this.want(8);
    const bytes = this.count();
    await this.want(bytes);
    const from = this.#advance(bytes);
    return this.#window.toString('utf8', from, from + bytes);
  }

  async value(kind: number, depth: number): Promise<GgufValue> {
    if (kind === 8) return this.text();
    if (kind === 9) return this.#array(depth);
    const bytes = scalarBytes[kind];
    if (bytes === undefined) throw invalid(this.file.path, `a value has the unknown type ${kind}`);
    await this.want(bytes);
    return this.#scalar(kind, this.#advance(bytes));
  }

  async #array(depth: number): Promise<GgufValue[]> {
    if (depth > 3) throw invalid(this.file.path, 'a value is nested too deeply');
    await this.want(12);
    const kind = this.uint32();
    const count = this.count();
    const each = kind === 8 ? 8 : kind === 9 ? 12 : (scalarBytes[kind] ?? 1);
    if (this.at + count * each > Math.min(this.file.size, maxHeaderBytes)) {
      throw invalid(this.file.path, 'a list is longer than the file');
    }
    const values: GgufValue[] = [];
    for (let i = 0; i < count; i++) values.push(await this.value(kind, depth + 1));
    return values;
  }

  #scalar(kind: number, at: number): number | boolean {
    const w = this.#window;
    switch (kind) {
      case 0:
        return w.readUInt8(at);
      case 1:
        return w.readInt8(at);
      case 2:
        return w.readUInt16LE(at);
      case 3:
        return w.readInt16LE(at);
      case 4:
        return w.readUInt32LE(at);
      case 5:
        return w.readInt32LE(at);
      case 6:
        return w.readFloatLE(at);
      case 7:
        return w.readUInt8(at) !== 0;
      case 10:
        return Number(w.readBigUInt64LE(at));
      case 11:
        return Number(w.readBigInt64LE(at));
      default:
        return w.readDoubleLE(at);
    }
  }
}
