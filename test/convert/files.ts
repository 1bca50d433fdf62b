/** Model files made by tests, in every form that is read: safetensors, PyTorch, GGUF. */
import { crc32 } from 'node:zlib';
import { elementBytes } from '../../models/convert/source.ts';

export interface Numbers {
  readonly dtype: keyof typeof elementBytes;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}
export type Tensors = Readonly<Record<string, Numbers>>;

export const f32 = (shape: readonly number[], values: ArrayLike<number>): Numbers => ({
  dtype: 'F32',
  shape,
  data: new Uint8Array(Float32Array.from(values).buffer),
});

const uint64 = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

export function safetensorsFile(tensors: Tensors, metadata: Record<string, string> = {}): Buffer {
  let at = 0;
  const entries = Object.entries(tensors).map(([name, { dtype, shape, data }]) => {
    const begin = at;
    at += data.length;
    return [name, { dtype, shape, data_offsets: [begin, at] }];
  });
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  return Buffer.concat([uint64(header.length), header, ...Object.values(tensors).map(({ data }) => data)]);
}

/** A zip archive without compression, as PyTorch writes it. */
export function zipFile(entries: Readonly<Record<string, Uint8Array>>): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, data] of Object.entries(entries)) {
    const fields = Buffer.alloc(26);
    fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(data.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([uint32(0x0403_4b50), fields, Buffer.from(name), data]);
    directory.push(
      Buffer.concat([
        uint32(0x0201_4b50),
        Buffer.alloc(2),
        fields,
        Buffer.alloc(10),
        uint32(at),
        Buffer.from(name),
      ]),
    );
    locals.push(local);
    at += local.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...locals, ...directory, uint32(0x0605_4b50), end]);
}

const storageNames: Partial<Record<Numbers['dtype'], string>> = {
  F32: 'FloatStorage',
  F16: 'HalfStorage',
  BF16: 'BFloat16Storage',
  I64: 'LongStorage',
};

/** The pickle of a state dict, protocol 2, step by step as torch.save writes it. */
export function stateDictPickle(tensors: Tensors): Buffer {
  const text = (value: string) =>
    Buffer.concat([Buffer.from('X'), uint32(Buffer.byteLength(value)), Buffer.from(value)]);
  const number = (value: number) => Buffer.concat([Buffer.from('J'), uint32(value)]);
  const tuple = (values: readonly number[]) =>
    Buffer.concat([Buffer.from('('), ...values.map(number), Buffer.from('t')]);
  const items = Object.entries(tensors).flatMap(([name, { dtype, shape, data }], key) => {
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    return [
      text(name),
      Buffer.from('ctorch._utils\n_rebuild_tensor_v2\n(('),
      text('storage'),
      Buffer.from(`ctorch\n${storageNames[dtype]}\n`),
      text(String(key)),
      text('cpu'),
      number(data.length / elementBytes[dtype]),
      Buffer.from('tQK\0'),
      tuple(shape),
      tuple(strides),
      Buffer.from('\x89ccollections\nOrderedDict\n)RtR', 'latin1'),
    ];
  });
  const open = Buffer.from('\x80\x02ccollections\nOrderedDict\n)Rq\x00(', 'latin1');
  return Buffer.concat([open, ...items, Buffer.from('u}'), text('_metadata'), Buffer.from('}sb.')]);
}

export function pytorchFile(tensors: Tensors, pickle = stateDictPickle(tensors)): Buffer {
  const data = Object.values(tensors).map((tensor, key) => [`archive/data/${key}`, tensor.data] as const);
  return zipFile({
    'archive/data.pkl': pickle,
    'archive/byteorder': Buffer.from('little'),
    ...Object.fromEntries(data),
    'archive/version': Buffer.from('3\n'),
  });
}

export interface GgufNumbers {
  readonly type: 0 | 1 | 2 | 3 | 8 | number;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}
export type GgufEntry =
  | number
  | string
  | boolean
  | readonly string[]
  | readonly number[]
  | { readonly float: number };

/** Numbers are written as uint32, lists of them as int32; `float` as float32. */
export function ggufFile(
  values: Readonly<Record<string, GgufEntry>>,
  tensors: Readonly<Record<string, GgufNumbers>>,
): Buffer {
  const text = (value: string) => Buffer.concat([uint64(Buffer.byteLength(value)), Buffer.from(value)]);
  const entry = (value: GgufEntry): Buffer => {
    if (typeof value === 'string') return Buffer.concat([uint32(8), text(value)]);
    if (typeof value === 'number') return Buffer.concat([uint32(4), uint32(value)]);
    if (typeof value === 'boolean') return Buffer.concat([uint32(7), Buffer.from([value ? 1 : 0])]);
    if ('float' in value) return Buffer.concat([uint32(6), Buffer.from(Float32Array.of(value.float).buffer)]);
    const of = typeof value[0] === 'string' ? 8 : 5;
    const items = value.map((item) => (typeof item === 'string' ? text(item) : uint32(item)));
    return Buffer.concat([uint32(9), uint32(of), uint64(value.length), ...items]);
  };
  const head = [
    Buffer.from('GGUF'),
    uint32(3),
    uint64(Object.keys(tensors).length),
    uint64(Object.keys(values).length),
    ...Object.entries(values).flatMap(([key, value]) => [text(key), entry(value)]),
  ];
  const data: Buffer[] = [];
  let at = 0;
  for (const [name, { type, shape, data: bytes }] of Object.entries(tensors)) {
    head.push(text(name), uint32(shape.length), ...shape.toReversed().map(uint64), uint32(type), uint64(at));
    const padded = Buffer.alloc(Math.ceil(bytes.length / 32) * 32);
    padded.set(bytes);
    data.push(padded);
    at += padded.length;
  }
  const table = Buffer.concat(head);
  return Buffer.concat([table, Buffer.alloc((32 - (table.length % 32)) % 32), ...data]);
}
