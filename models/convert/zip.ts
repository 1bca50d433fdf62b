/** Reads the directory of a zip archive and finds its entries' bytes: of PyTorch's files and of Python wheels. */
import type { PositionedFile } from './positioned-file.ts';
import { invalid } from './source.ts';

export interface ZipEntry {
  readonly name: string;
  readonly method: 'stored' | 'deflated' | 'other';
  readonly storedBytes: number;
  readonly bytes: number;
  readonly crc32: number;
  /** Of its local header. */
  readonly header: number;
}

const endBytes = 22;
const maxComment = 65_535;
const maxDirectoryBytes = 64_000_000;
const beyond32 = 0xffff_ffff;

/** Every entry of the central directory, by name. Throws `model-invalid`. */
export async function readZip(file: PositionedFile): Promise<Map<string, ZipEntry>> {
  const { count, offset, bytes } = await findDirectory(file);
  if (bytes > maxDirectoryBytes || offset + bytes > file.size)
    throw invalid(file.path, 'its directory is impossible');
  const directory = await file.read(offset, bytes);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes || directory.readUInt32LE(at) !== 0x0201_4b50)
      throw invalid(file.path, 'its directory is damaged');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) =>
      directory.readUInt16LE(at + field),
    ) as [number, number, number];
    const end = at + 46 + nameBytes + extraBytes + commentBytes;
    if (end > bytes) throw invalid(file.path, 'its directory is damaged');
    const entry = readEntry(directory.subarray(at, end), nameBytes, extraBytes);
    if (entries.has(entry.name)) throw invalid(file.path, 'it names an entry twice');
    if (entry.header + entry.storedBytes > file.size)
      throw invalid(file.path, 'an entry lies beyond its end');
    entries.set(entry.name, entry);
    at = end;
  }
  return entries;
}

/** Where the entry's stored bytes begin: behind its local header, whose lengths are its own. */
export async function dataOffset(file: PositionedFile, entry: ZipEntry): Promise<number> {
  const header = await file.read(entry.header, 30);
  if (header.readUInt32LE(0) !== 0x0403_4b50) throw invalid(file.path, 'an entry is damaged');
  const begin = entry.header + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (begin + entry.storedBytes > file.size) throw invalid(file.path, 'an entry lies beyond its end');
  return begin;
}

async function findDirectory(file: PositionedFile) {
  const tailBytes = Math.min(file.size, endBytes + maxComment);
  const tail = await file.read(file.size - tailBytes, tailBytes);
  const at = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]), tailBytes - endBytes);
  if (tailBytes < endBytes || at < 0) throw invalid(file.path, 'it is no zip archive');
  const plain = {
    count: tail.readUInt16LE(at + 10),
    bytes: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  };
  if (plain.count !== 0xffff && plain.bytes !== beyond32 && plain.offset !== beyond32) return plain;
  // Zip64: a locator of 20 bytes lies before the end record.
  if (at < 20 || tail.readUInt32LE(at - 20) !== 0x0706_4b50) return plain;
  const end = await file.read(Number(tail.readBigUInt64LE(at - 12)), 56);
  if (end.readUInt32LE(0) !== 0x0606_4b50) throw invalid(file.path, 'its directory is damaged');
  const [count, bytes, offset] = [32, 40, 48].map((field) => Number(end.readBigUInt64LE(field))) as [
    number,
    number,
    number,
  ];
  return { count, bytes, offset };
}

function readEntry(record: Buffer, nameBytes: number, extraBytes: number): ZipEntry {
  const method = record.readUInt16LE(10);
  const large = largeSizes(record.subarray(46 + nameBytes, 46 + nameBytes + extraBytes));
  const size = (field: number) => {
    const value = record.readUInt32LE(field);
    return value === beyond32 ? (large.shift() ?? value) : value;
  };
  // In this order the extra field holds those that do not fit 32 bits.
  const bytes = size(24);
  const storedBytes = size(20);
  const header = size(42);
  return {
    name: record.toString('utf8', 46, 46 + nameBytes),
    method: method === 0 ? 'stored' : method === 8 ? 'deflated' : 'other',
    bytes,
    storedBytes,
    header,
    crc32: record.readUInt32LE(16),
  };
}

/** The 64-bit values of the extra field 1. */
function largeSizes(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const end = Math.min(at + 4 + extra.readUInt16LE(at + 2), extra.length);
    const values: number[] = [];
    for (let value = at + 4; value + 8 <= end; value += 8) values.push(Number(extra.readBigUInt64LE(value)));
    return values;
  }
  return [];
}
