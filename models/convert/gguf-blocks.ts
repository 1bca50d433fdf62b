/**
 * ggml's blocks of 32 weights as MLX's affine groups of 32, exactly: every weight is the same number before and after.
 *   Q4_1: d, m (f16), 16 bytes; byte i holds weight i in its low half and weight i + 16 in its high half; w = d q + m
 *   Q4_0: d (f16), 16 bytes as above; w = d (q - 8), so s = d, b = -8 d
 *   Q8_0: d (f16), 32 int8; w = d q, so with q + 128 as the code s = d, b = -128 d
 * The products by powers of two are exact unless they leave f16's range, which is refused.
 */

import { AppError } from '../../electron/shared/errors.ts';
import type { BlockType } from './gguf.ts';

export interface Affine {
  /** uint32, little end first. */
  readonly words: Buffer;
  /** f16, one a block. */
  readonly scales: Buffer;
  readonly biases: Buffer;
}

export const bitsOf = (type: BlockType): 4 | 8 | null =>
  type.name === 'Q8_0' ? 8 : type.name === 'Q4_0' || type.name === 'Q4_1' ? 4 : null;

export function toAffine(blocks: Buffer, type: BlockType): Affine {
  const count = blocks.length / type.bytes;
  const codeBytes = type.name === 'Q8_0' ? 32 : 16;
  const words = Buffer.allocUnsafe(count * codeBytes);
  const scales = Buffer.allocUnsafe(count * 2);
  const biases = Buffer.allocUnsafe(count * 2);
  const codesAt = type.name === 'Q4_1' ? 4 : 2;
  for (let block = 0; block < count; block++) {
    const from = block * type.bytes;
    const d = blocks.readUInt16LE(from);
    scales.writeUInt16LE(d, block * 2);
    const bias =
      type.name === 'Q4_1' ? blocks.readUInt16LE(from + 2) : minusTimes(d, type.name === 'Q4_0' ? 3 : 7);
    biases.writeUInt16LE(bias, block * 2);
    if (type.name === 'Q8_0') bytes(blocks, from + codesAt, words, block * 32);
    else nibbles(blocks, from + codesAt, words, block * 16);
  }
  return { words, scales, biases };
}

/** -d 2^shift of an f16's bits. */
function minusTimes(d: number, shift: number): number {
  const sign = (d & 0x8000) ^ 0x8000;
  let exponent = (d >> 10) & 31;
  let fraction = d & 0x3ff;
  if (exponent === 31) throw outOfRange;
  if (exponent === 0) {
    if (fraction === 0) return sign;
    // Below the normal numbers doubling is a shift, until the leading bit becomes the hidden one.
    let left = shift;
    for (; left > 0 && fraction < 0x400; left--) fraction <<= 1;
    if (fraction < 0x400) return sign | fraction;
    exponent = 1 + left;
    fraction &= 0x3ff;
  } else {
    exponent += shift;
  }
  if (exponent > 30) throw outOfRange;
  return sign | (exponent << 10) | fraction;
}

const outOfRange = new AppError(
  'model-invalid',
  'A block of weights has a scale that is no number or too large.',
  'The file is damaged. Fetch it again.',
);

/** Weights 2i and 2i + 1 share a byte of MLX's words; ggml keeps weight i beside weight i + 16. */
function nibbles(from: Buffer, at: number, to: Buffer, out: number): void {
  for (let i = 0; i < 8; i++) {
    const first = from[at + 2 * i] as number;
    const second = from[at + 2 * i + 1] as number;
    to[out + i] = (first & 15) | ((second & 15) << 4);
    to[out + 8 + i] = (first >> 4) | (second & 0xf0);
  }
}

function bytes(from: Buffer, at: number, to: Buffer, out: number): void {
  for (let i = 0; i < 32; i++) to[out + i] = (from[at + i] as number) ^ 0x80;
}
