/**
 * Several parts in one file, written and read as a stream, a piece at a time:
 *
 *   magic     8 bytes, the last one the version
 *   of each part:
 *     size of its head   uint32, little endian
 *     head               JSON { name, bytes }
 *     content            `bytes` bytes
 *     SHA-256            of the content
 *   end       uint32 0
 *   SHA-256   of all of the above but the contents, whose sums it holds
 */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { AppError } from '../../../shared/errors.ts';
import type { ByteReader, Bytes } from './byte-reader.ts';
import { invalid } from './invalid.ts';

const magic = Buffer.from('llamba\0\x01', 'latin1');
const name = magic.subarray(0, -1);

/** Of whatever version. */
export const begins = async (reader: ByteReader): Promise<boolean> =>
  (await reader.peek(name.length)).equals(name);

const headSchema = v.strictObject({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  bytes: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 40)),
});
const longestHead = 4096;
const sumBytes = 32;

export interface Part {
  readonly name: string;
  readonly bytes: number;
  readonly content: Bytes;
}

/** Throws `file-unreadable` when a part has not as many bytes as it said. */
export async function* writeParts(parts: AsyncIterable<Part>): AsyncGenerator<Uint8Array> {
  const whole = createHash('sha256').update(magic);
  yield magic;
  for await (const { name, bytes, content } of parts) {
    const head = Buffer.from(JSON.stringify({ name, bytes }));
    const framed = Buffer.concat([uint32(head.length), head]);
    yield framed;
    const hash = createHash('sha256');
    let left = bytes;
    for await (const piece of content) {
      left -= piece.length;
      hash.update(piece);
      yield piece;
    }
    if (left !== 0) {
      throw new AppError('file-unreadable', `${name} changed while it was exported.`, 'Export it again.');
    }
    const sum = hash.digest();
    whole.update(framed).update(sum);
    yield sum;
  }
  const end = uint32(0);
  yield Buffer.concat([end, whole.update(end).digest()]);
}

export interface ReadPart extends Part {
  /** Hex; known and compared once the content was read to its end, which must be done before the next part. */
  sha256(): string;
}

/** Throws `file-invalid` at the first thing that is wrong; at the very end, when anything was changed at all. */
export async function* readParts(reader: ByteReader): AsyncGenerator<ReadPart> {
  if (!(await begins(reader))) throw invalid('it is no session of Llamba');
  const begin = await reader.read(magic.length);
  if (!begin.equals(magic)) throw invalid('it was written by a newer version of Llamba');
  const whole = createHash('sha256').update(begin);
  for (;;) {
    const size = await reader.read(4);
    whole.update(size);
    const headBytes = size.readUInt32LE();
    if (headBytes === 0) break;
    if (headBytes > longestHead) throw invalid('it is damaged');
    const head = await reader.read(headBytes);
    whole.update(head);
    const { name, bytes } = headOf(head);
    const hash = createHash('sha256');
    let sum: Buffer | undefined;
    yield {
      name,
      bytes,
      content: contentOf(reader, bytes, (piece) => void hash.update(piece)),
      sha256() {
        sum ??= hash.digest();
        return sum.toString('hex');
      },
    };
    sum ??= hash.digest();
    if (!sum.equals(await reader.read(sumBytes))) throw invalid(`it is damaged: ${name}`);
    whole.update(sum);
  }
  if (!whole.digest().equals(await reader.read(sumBytes))) throw invalid('it is damaged');
  if (!(await reader.atEnd())) throw invalid('there is more in it than it says');
}

async function* contentOf(reader: ByteReader, bytes: number, onPiece: (piece: Buffer) => void) {
  for (let left = bytes; left > 0; ) {
    const piece = await reader.some(left);
    left -= piece.length;
    onPiece(piece);
    yield piece;
  }
}

function headOf(head: Buffer): v.InferOutput<typeof headSchema> {
  try {
    return v.parse(headSchema, JSON.parse(head.toString()));
  } catch {
    throw invalid('it is damaged');
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
