/** The golden fixtures: tiny models with what the reference computes for them (test/fixtures/*\/README.md). */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

export interface Golden {
  /** "llamba/fp32-untied" */
  readonly name: string;
  /** What load takes: the one file of a cartesia-mlx checkpoint, the directory of an mlx-lm one. */
  readonly model: string;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** The F32 and I32 tensors of a safetensors file. */
export function readTensors(path: string): Map<string, Tensor> {
  const file = readFileSync(path);
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<string, Entry>;
  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, shape, data_offsets: at }] of Object.entries(header)) {
    const bytes = Uint8Array.from(file.subarray(start + (at?.[0] ?? 0), start + (at?.[1] ?? 0))).buffer;
    if (dtype === 'F32') tensors.set(name, { shape, data: new Float32Array(bytes) });
    if (dtype === 'I32') tensors.set(name, { shape, data: new Int32Array(bytes) });
  }
  return tensors;
}

export const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));

function read(kind: 'llamba' | 'llama', name: string): Golden {
  const folder = `${fixtures}/${kind}/${name}`;
  return {
    name: `${kind}/${name}`,
    model: kind === 'llama' ? `${folder}/model` : `${folder}/model/tiny-${name}.safetensors`,
    tensors: readTensors(`${folder}/golden.safetensors`),
  };
}

export const goldens: readonly Golden[] = (['llamba', 'llama'] as const).flatMap((kind) =>
  readdirSync(`${fixtures}/${kind}`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => read(kind, entry.name)),
);

export const golden = (name: string): Golden => {
  const found = goldens.find((g) => g.name === name);
  if (!found) throw new Error(`no fixture ${name}`);
  return found;
};

export const prompts = ['one', 'two', 'short', 'long'] as const;

export function idsOf(golden: Golden, name: string): number[] | null {
  const tensor = golden.tensors.get(name);
  return tensor ? [...tensor.data] : null;
}

/** log softmax of one row of logits, in float64. */
export function logSoftmax(logits: ArrayLike<number>): Float64Array {
  const row = Float64Array.from(logits);
  const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = row.reduce((total, x) => total + Math.exp(x - top), 0);
  return row.map((x) => x - top - Math.log(sum));
}

/** Largest magnitude. */
export const largest = (data: ArrayLike<number>): number =>
  Array.from(data).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
