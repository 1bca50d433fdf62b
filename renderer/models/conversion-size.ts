/** How large a model becomes: exact, from the counts of its numbers. */
import type { Conversion, Recognised } from '../../electron/shared/contract.ts';

export const usualConversion: Conversion = { bits: 4, groupSize: 64, embedding: 4 };

/** Bytes of the tensors that a conversion writes. Each group has a scale and a bias of 16 bits beside its weights. */
export function sizeAfter(
  weights: NonNullable<Recognised['weights']>,
  { bits, groupSize, embedding }: Conversion,
): number {
  const quantized = (count: number, at: number) => (count * at) / 8 + (count / groupSize) * 4;
  const table = embedding === 16 ? weights.embedding * 2 : quantized(weights.embedding, embedding);
  return weights.keptBytes + quantized(weights.matrices, bits) + table;
}
