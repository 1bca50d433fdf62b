import { expect, it } from 'vitest';
import { normOf } from '../../../electron/core/documents/state-norm.ts';

it('is the root mean square of the SSM states alone', () => {
  const tensors = {
    hidden: { shape: [1, 1, 1], values: [100] },
    'state.00000': { shape: [1, 2, 1], values: [50, 50] },
    'state.00001': { shape: [1, 1, 1, 2], values: [3, 4] },
    'state.00003': { shape: [1, 1, 2, 1], values: [-5, 0] },
  };
  let at = 0;
  const entries = Object.entries(tensors).map(([name, { shape, values }]) => {
    const from = at;
    at += 4 * values.length;
    return [name, { dtype: 'F32', shape, data_offsets: [from, at] }];
  });
  const header = Buffer.from(JSON.stringify({ __metadata__: { note: '' }, ...Object.fromEntries(entries) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const numbers = Float32Array.from(Object.values(tensors).flatMap(({ values }) => values));
  const file = Buffer.concat([length, header, Buffer.from(numbers.buffer)]);
  expect(normOf(file)).toBeCloseTo(Math.sqrt((9 + 16 + 25 + 0) / 4), 6);
});
