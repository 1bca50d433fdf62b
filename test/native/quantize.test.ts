import { expect, it } from 'vitest';
import type { Matrix } from '../../native-mlx/addon.ts';
import { seeded } from '../user/seeded.ts';
import { engineForTests, failure } from './addon.ts';

const engine = engineForTests();

/** Values of 16-bit floats, and their bytes. */
const f16 = { bits: (x: number) => new Uint16Array(Float16Array.of(x).buffer)[0] as number, of: fromF16 };
const bf16 = {
  bits: (x: number) => {
    const bits = new Uint32Array(Float32Array.of(x).buffer)[0] as number;
    return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  },
  of: (bits: number) => new Float32Array(Uint32Array.of(bits << 16).buffer)[0] as number,
};
function fromF16(bits: number): number {
  return new Float16Array(Uint16Array.of(bits).buffer)[0] as number;
}

const kinds = { F32: bf16, BF16: bf16, F16: f16 };

/** Weights whose groups have both signs of scale, one that is all zeros and one of a single value. */
function weights(rows: number, columns: number, groupSize: number, half: typeof f16): Float64Array {
  const random = seeded(rows + columns + groupSize);
  return Float64Array.from({ length: rows * columns }, (_, i) => {
    const group = Math.floor(i / groupSize);
    const value =
      group === 0 ? 0 : group === 1 ? -0.375 : (random.next() - 0.5 + (group % 3) * 0.3 - 0.3) * 2;
    return half.of(half.bits(value));
  });
}

function encode(values: Float64Array, dtype: Matrix['dtype']): Uint8Array {
  if (dtype === 'F32') return new Uint8Array(Float32Array.from(values).buffer);
  return new Uint8Array(Uint16Array.from(values, (x) => kinds[dtype].bits(x)).buffer);
}

/** Spec 4.2: code j of a word is (word >> bits j) & mask. */
const codeAt = (words: Uint32Array, bits: number, i: number) => {
  const fields = 32 / bits;
  return ((words[Math.floor(i / fields)] as number) >>> ((i % fields) * bits)) & (2 ** bits - 1);
};

/** MLX's scale and offset of a group, in float32: the edge that is further from zero is met exactly. */
function groupOf(w: Float64Array, bits: number): [scale: number, bias: number] {
  const f = Math.fround;
  const [low, high] = [Math.min(...w), Math.max(...w)];
  const lowEdge = Math.abs(low) > Math.abs(high);
  const scale = f(Math.max(f(f(high - low) / (2 ** bits - 1)), f(1e-7)) * (lowEdge ? 1 : -1));
  const edge = lowEdge ? low : high;
  const steps = rint(f(edge / scale));
  return steps === 0 ? [scale, 0] : [f(edge / steps), edge];
}

/** To nearest, ties to even. */
const rint = (x: number) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

const cases = (['F32', 'F16', 'BF16'] as const).flatMap((dtype) =>
  ([4, 8] as const).flatMap((bits) =>
    ([32, 64, 128] as const).map((groupSize) => ({ dtype, bits, groupSize })),
  ),
);

it.each(cases)(
  '$dtype to $bits bits in groups of $groupSize has MLX’s scales and the best codes for them',
  async (form) => {
    const { dtype, bits, groupSize } = form;
    const [rows, columns] = [6, 384];
    const half = kinds[dtype];
    const w = weights(rows, columns, groupSize, half);
    const made = await engine.quantize(encode(w, dtype), { dtype, rows, columns, bits, groupSize });
    expect(made.dtype).toBe(dtype === 'F16' ? 'F16' : 'BF16');
    const words = new Uint32Array(made.words.slice().buffer);
    const [scales, biases] = [made.scales, made.biases].map((bytes) =>
      Array.from(new Uint16Array(bytes.slice().buffer), half.of),
    ) as [number[], number[]];
    expect([words.length, scales.length, biases.length]).toEqual([
      (rows * columns * bits) / 32,
      (rows * columns) / groupSize,
      (rows * columns) / groupSize,
    ]);
    let signs = 0;
    w.forEach((x, i) => {
      const group = Math.floor(i / groupSize);
      const [s, b] = [scales[group] as number, biases[group] as number];
      signs |= s < 0 ? 1 : 2;
      const code = codeAt(words, bits, i);
      // The code is the best there is for the stored scale and offset, not for what they were before rounding.
      const best = Math.min(Math.max((x - b) / s, 0), 2 ** bits - 1);
      expect(Math.abs(code - best)).toBeLessThanOrEqual(0.5 + 1e-4);
    });
    for (let group = 0; group < scales.length; group++) {
      const [s, b] = groupOf(w.subarray(group * groupSize, (group + 1) * groupSize), bits);
      expect([scales[group], biases[group]]).toEqual([half.of(half.bits(s)), half.of(half.bits(b))]);
    }
    expect(signs).toBe(3);
  },
);

it('gives the same whether rows come together or one by one', async () => {
  const matrix = { dtype: 'F32', columns: 128, bits: 4, groupSize: 64 } as const;
  const data = encode(weights(5, 128, 64, bf16), 'F32');
  const whole = await engine.quantize(data, { ...matrix, rows: 5 });
  const rows = await Promise.all(
    Array.from({ length: 5 }, (_, row) =>
      engine.quantize(data.subarray(row * 512, (row + 1) * 512), { ...matrix, rows: 1 }),
    ),
  );
  for (const part of ['words', 'scales', 'biases'] as const) {
    expect(Buffer.concat(rows.map((row) => row[part]))).toEqual(Buffer.from(whole[part]));
  }
});

it('refuses what does not fit together, and goes on', async () => {
  const data = new Uint8Array(256);
  const right = { dtype: 'F32', rows: 1, columns: 64, bits: 4, groupSize: 64 } as const;
  const wrong: object[] = [
    { ...right, rows: 2 },
    { ...right, columns: 32 },
    { ...right, groupSize: 128 },
    { ...right, groupSize: 48 },
    { ...right, bits: 5 },
    { ...right, rows: -1 },
    { ...right, columns: 2 ** 31 },
    { ...right, dtype: 'F64' },
    { ...right, dtype: 'x'.repeat(1e6) },
  ];
  for (const matrix of wrong) {
    expect(
      (await failure(() => engine.quantize(data, matrix as Matrix))).code,
      JSON.stringify(matrix).slice(0, 99),
    ).toBe('bad-request');
  }
  expect((await failure(() => engine.quantize('no bytes' as never, right))).code).toBe('bad-request');
  const infinite = encode(new Float64Array(64).fill(Number.POSITIVE_INFINITY), 'F32');
  expect((await failure(() => engine.quantize(infinite, right))).code).toBe('model-invalid');
  const noNumber = encode(new Float64Array(64).fill(1).with(9, Number.NaN), 'F32');
  expect((await failure(() => engine.quantize(noNumber, right))).code).toBe('model-invalid');
  expect((await engine.quantize(data, right)).words).toEqual(new Uint8Array(32));
});
