/** Damages a file as chance and malice do: bits, bytes, lengths, pieces, and the numbers and words of JSON texts. */
import type { Random } from '../user/seeded.ts';

const nastyIntegers = [
  0n,
  1n,
  2n,
  127n,
  128n,
  255n,
  32n,
  65_535n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 40n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const nastyNumbers = [
  '0',
  '-1',
  '1',
  '3',
  '0.5',
  '1e308',
  '1e999',
  '-0',
  '2147483647',
  '2147483648',
  '4294967296',
  '9007199254740993',
  '18446744073709551616',
  'NaN',
  'Infinity',
  'null',
  '[]',
  '{}',
  '""',
  'true',
];
const nastyTexts = [
  '""',
  '"F64"',
  '"U32"',
  '"BF16"',
  '"\\ud800"',
  '"__proto__"',
  '"../x"',
  '"llama"',
  '"llamba"',
  '"linear"',
  'null',
  '7',
];

const steps: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  (bytes, random) => {
    const at = random.between(0, bytes.length - 1);
    bytes[at] = (bytes[at] as number) ^ (1 << random.between(0, 7));
    return bytes;
  },
  (bytes, random) => {
    bytes[random.between(0, bytes.length - 1)] = random.pick([
      0,
      1,
      0x7f,
      0x80,
      0xff,
      0x22,
      0x7b,
      random.between(0, 255),
    ]);
    return bytes;
  },
  (bytes, random) => {
    const width = random.pick([1, 2, 4, 8]);
    if (bytes.length < width) return bytes;
    const at = random.between(0, bytes.length - width);
    const value = random.pick(nastyIntegers) & (2n ** BigInt(8 * width) - 1n);
    for (let i = 0; i < width; i++) bytes[at + i] = Number((value >> BigInt(8 * i)) & 255n);
    return bytes;
  },
  (bytes, random) => bytes.subarray(0, random.between(0, bytes.length)),
  (bytes, random) => {
    const from = random.between(0, bytes.length);
    const to = Math.min(bytes.length, from + random.between(1, 64));
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  (bytes, random) => {
    const from = random.between(0, bytes.length);
    const piece = bytes.subarray(from, Math.min(bytes.length, from + random.between(1, 64)));
    const at = random.between(0, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  },
];

/** One to four faults near the beginning, where the structure is, or anywhere. */
export function mutate(seed: Buffer, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(seed);
  for (let n = random.between(1, 4); n > 0; n--) {
    const near = Math.min(bytes.length, random.pick([32, 512, 8192, bytes.length]));
    if (bytes.length === 0) return bytes;
    bytes = Buffer.concat([
      random.pick(steps)(Buffer.from(bytes.subarray(0, near)), random),
      bytes.subarray(near),
    ]);
  }
  return bytes;
}

/** As above, but the text stays almost JSON: a number or a word of it becomes another, or a piece goes. */
export function mutateJson(text: string, random: Random): string {
  let changed = text;
  for (let n = random.between(1, 3); n > 0; n--) {
    const numbers = [...changed.matchAll(/-?\d+(\.\d+)?(e-?\d+)?/g)];
    const words = [...changed.matchAll(/"(?:[^"\\]|\\.)*"/g)];
    const [found, other] = random.pick([
      [numbers, nastyNumbers],
      [words, nastyTexts],
    ] as const);
    if (found.length === 0) continue;
    const match = random.pick(found);
    const at = match.index;
    const put = random.next() < 0.2 ? random.pick(words.length ? words : found)[0] : random.pick(other);
    changed = changed.slice(0, at) + put + changed.slice(at + match[0].length);
  }
  return random.next() < 0.1 ? mutate(Buffer.from(changed), random).toString('latin1') : changed;
}

/** A safetensors file whose header was damaged as JSON, its length put right, so that what comes after is reached. */
export function mutateHeader(file: Buffer, random: Random): Buffer {
  const length = Number(file.readBigUInt64LE(0));
  const header = Buffer.from(mutateJson(file.toString('utf8', 8, 8 + length), random));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([size, header, file.subarray(8 + length)]);
}
