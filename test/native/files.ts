/** Safetensors files taken apart, falsified and put together again. */
import { readFileSync } from 'node:fs';

export interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

export interface Parts {
  readonly metadata: Record<string, string>;
  readonly tensors: Record<string, Entry>;
  data: Buffer;
}

export function takeApart(path: string): Parts {
  const file = readFileSync(path);
  const start = 8 + Number(file.readBigUInt64LE(0));
  const { __metadata__: metadata, ...tensors } = JSON.parse(file.toString('utf8', 8, start));
  return { metadata: metadata ?? {}, tensors, data: file.subarray(start) };
}

export function withHeader(header: string, data: Buffer): Buffer {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

export const putTogether = ({ metadata, tensors, data }: Parts): Buffer =>
  withHeader(JSON.stringify({ __metadata__: metadata, ...tensors }), data);

const mask = (1n << 64n) - 1n;

/** The engine's checksum of a state file (native-mlx/src/engine/checksum.h), so that a lie can carry a right one. */
export function sign(parts: Parts): Parts {
  let value = 0x6c6c616d6261n;
  const mix = (word: bigint) => {
    value = ((value ^ word) * 0x9e3779b97f4a7c15n) & mask;
    value = ((value << 29n) & mask) | (value >> 35n);
  };
  const add = (bytes: Buffer) => {
    mix(BigInt(bytes.length));
    const whole = bytes.length - (bytes.length % 8);
    for (let at = 0; at < whole; at += 8) mix(bytes.readBigUInt64LE(at));
    if (whole < bytes.length) {
      mix(Buffer.concat([bytes.subarray(whole), Buffer.alloc(8)]).readBigUInt64LE(0));
    }
  };
  // Byte order: every name used here is ASCII.
  const sorted = <T>(record: Record<string, T>) =>
    Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, { dtype, shape }] of sorted(parts.tensors)) {
    add(Buffer.from(name));
    add(Buffer.from(dtype));
    add(Buffer.from(Int32Array.from(shape).buffer));
  }
  for (const [key, text] of sorted(parts.metadata)) {
    if (key === 'checksum') continue;
    add(Buffer.from(key));
    add(Buffer.from(text));
  }
  for (const [, { data_offsets: at }] of sorted(parts.tensors)) add(parts.data.subarray(...at));
  return { ...parts, metadata: { ...parts.metadata, checksum: value.toString(16).padStart(16, '0') } };
}

export type Lie = (parts: Parts) => Buffer;

const first = (parts: Parts): Entry => {
  const [entry] = Object.values(parts.tensors).sort((a, b) => a.data_offsets[0] - b.data_offsets[0]);
  return entry as Entry;
};

/** Headers that lie about what follows, whatever the file is for. */
export const lyingHeaders: Record<string, Lie> = {
  'a huge shape': (parts) => {
    first(parts).shape = [2 ** 40, 2 ** 40];
    return putTogether(parts);
  },
  'a shape whose product overflows': (parts) => {
    first(parts).shape = [65536, 65536, 65536, 65536];
    return putTogether(parts);
  },
  'a negative shape': (parts) => {
    first(parts).shape = [-1, -8];
    return putTogether(parts);
  },
  'a shape of fractions': (parts) => {
    first(parts).shape = [0.5];
    return putTogether(parts);
  },
  'a bad dtype': (parts) => {
    first(parts).dtype = 'F33';
    return putTogether(parts);
  },
  'a dtype that is no string': (parts) => {
    (first(parts) as { dtype: unknown }).dtype = 7;
    return putTogether(parts);
  },
  'overlapping offsets': (parts) => {
    const [a, b] = Object.values(parts.tensors).sort((x, y) => x.data_offsets[0] - y.data_offsets[0]);
    if (a && b)
      b.data_offsets = [a.data_offsets[0], a.data_offsets[0] + b.data_offsets[1] - b.data_offsets[0]];
    return putTogether(parts);
  },
  'offsets beyond the file': (parts) => {
    const entry = first(parts);
    entry.data_offsets = entry.data_offsets.map((at) => at + 2 ** 40) as [number, number];
    return putTogether(parts);
  },
  'offsets that run backwards': (parts) => {
    first(parts).data_offsets.reverse();
    return putTogether(parts);
  },
  'offsets of NaN': (parts) =>
    withHeader(
      putTogether(parts)
        .toString('latin1')
        .slice(8)
        .replace(/"data_offsets":\[\d+/, '"data_offsets":[NaN'),
      parts.data,
    ),
  'a header longer than the file': (parts) => {
    const file = putTogether(parts);
    file.writeBigUInt64LE(2n ** 63n, 0);
    return file;
  },
  'a header that is no JSON': (parts) => withHeader('{"a": [', parts.data),
  'a header that is an array': (parts) => withHeader('[1, 2]', parts.data),
  'a header nested without end': (parts) => withHeader('['.repeat(1_000_000), parts.data),
  'a text that is no UTF-8': (parts) => {
    const file = putTogether({ ...parts, metadata: { note: 'x' } });
    file[file.indexOf('"note":"x"') + 8] = 0xff;
    return file;
  },
  'metadata of numbers': (parts) => withHeader('{"__metadata__": {"version": 1}}', parts.data),
  'no tensors at all': (parts) => withHeader('{}', parts.data),
  'an entry that is null': (parts) =>
    withHeader(JSON.stringify({ __metadata__: parts.metadata, ...parts.tensors, extra: null }), parts.data),
};
