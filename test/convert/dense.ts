/** Converted models made dense again, weight by weight, as spec 4.2 says what a code means. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf, elements, type Tensor } from '../../models/convert/source.ts';
import { f32, type Numbers } from './files.ts';

/** Every tensor of a safetensors file as numbers, words as they are. */
export function readNumbers(path: string): Map<string, { tensor: Tensor; values: Float64Array }> {
  const file = readFileSync(path);
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<
    string,
    Tensor & { data_offsets: [number, number] }
  >;
  const found = new Map<string, { tensor: Tensor; values: Float64Array }>();
  for (const [name, { dtype, shape, data_offsets: at }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const bytes = Uint8Array.from(file.subarray(start + at[0], start + at[1]));
    if (bytes.length !== bytesOf({ dtype, shape })) throw new Error(`${name} has wrong bytes`);
    found.set(name, { tensor: { name, dtype, shape }, values: decode(dtype, bytes) });
  }
  return found;
}

function decode(dtype: Tensor['dtype'], bytes: Uint8Array): Float64Array {
  const { buffer } = bytes;
  if (dtype === 'F32') return Float64Array.from(new Float32Array(buffer));
  if (dtype === 'F16') return Float64Array.from(new Float16Array(buffer));
  if (dtype === 'U32') return Float64Array.from(new Uint32Array(buffer));
  return Float64Array.from(
    new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer),
  );
}

/** The weights that the model's file means, dense in F32 under the same names, and each matrix's widest step. */
export function dequantized(folder: string): {
  tensors: Record<string, Numbers>;
  steps: Map<string, number>;
} {
  const stored = readNumbers(join(folder, 'model.safetensors'));
  const { quantization: rules } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  const tensors: Record<string, Numbers> = {};
  const steps = new Map<string, number>();
  for (const [name, { tensor, values }] of stored) {
    if (/\.(scales|biases)$/.test(name)) continue;
    const stem = name.replace(/\.weight$/, '');
    const scales = stored.get(`${stem}.scales`);
    const biases = stored.get(`${stem}.biases`);
    if (!scales || !biases) {
      tensors[name] = f32(tensor.shape, values);
      continue;
    }
    const [rows, words] = tensor.shape as [number, number];
    const groups = scales.tensor.shape[1] as number;
    const bits: number = rules[stem]?.bits ?? rules.bits;
    const fields = 32 / bits;
    const columns = words * fields;
    const dense = Float64Array.from({ length: elements([rows, columns]) }, (_, i) => {
      const code =
        Math.floor((values[Math.floor(i / fields)] as number) / 2 ** (bits * (i % fields))) % 2 ** bits;
      const group = Math.floor(i / (columns / groups));
      return (scales.values[group] as number) * code + (biases.values[group] as number);
    });
    tensors[name] = f32([rows, columns], dense);
    steps.set(name, Math.max(...scales.values.map(Math.abs)));
  }
  return { tensors, steps };
}
