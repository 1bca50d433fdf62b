/** Reads a stream of pieces by the byte; holds one piece at a time. */
import { invalid } from './invalid.ts';

export type Bytes = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #piece: Buffer = Buffer.alloc(0);

  constructor(source: Bytes) {
    this.#pieces =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  }

  async atEnd(): Promise<boolean> {
    return (await this.peek(1)).length === 0;
  }

  /** The next bytes, which stay; fewer at the end. */
  async peek(bytes: number): Promise<Buffer> {
    while (this.#piece.length < bytes) {
      const { value, done } = await this.#pieces.next();
      if (done) break;
      const next = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      this.#piece = this.#piece.length === 0 ? next : Buffer.concat([this.#piece, next]);
    }
    return this.#piece.subarray(0, bytes);
  }

  /** At least one byte, at most `limit`. Throws `file-invalid` at the end. */
  async some(limit: number): Promise<Buffer> {
    if (await this.atEnd()) throw invalid('it is cut off');
    const piece = this.#piece.subarray(0, limit);
    this.#piece = this.#piece.subarray(piece.length);
    return piece;
  }

  /** Throws `file-invalid` when there are fewer. */
  async read(bytes: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let left = bytes; left > 0; left -= pieces.at(-1)?.length ?? 0) pieces.push(await this.some(left));
    return Buffer.concat(pieces);
  }

  /** All that is left, as text. Throws `file-invalid` when it is more than `limit` bytes. */
  async text(limit: number): Promise<string> {
    const pieces: Buffer[] = [];
    for (let left = limit; !(await this.atEnd()); left -= pieces.at(-1)?.length ?? 0) {
      if (left === 0) throw invalid('it is larger than any session');
      pieces.push(await this.some(left));
    }
    return Buffer.concat(pieces).toString();
  }
}
