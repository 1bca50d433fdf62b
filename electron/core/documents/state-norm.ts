/** How large the numbers of a recurrent state are, from its file: states leave the engine as files only. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ready } from '../loaded-model.ts';

interface Tensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Root mean square over all SSM states of `state`; null: a Llama's cache, which is no recurrent state. */
export async function stateNorm({ rpc, loaded }: Ready, state: number): Promise<number | null> {
  if (loaded.architecture !== 'llamba') return null;
  const folder = mkdtempSync(join(tmpdir(), 'llamba-norm-'));
  try {
    const path = join(folder, 'state.safetensors');
    await rpc.call('state.save', { state, path, note: '' });
    return normOf(readFileSync(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Pure. `file`: a state file of a Llamba (safetensors). Its SSM states are the arrays [1, H, P, N] in float32; those of
 * the convolution have three axes and do not count.
 */
export function normOf(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header: Record<string, Tensor> = JSON.parse(new TextDecoder().decode(file.subarray(8, start)));
  let [sum, count] = [0, 0];
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (!name.startsWith('state.') || shape.length !== 4) continue; // metadata, hidden, convolutions
    if (dtype !== 'F32') throw new Error(`The state ${name} is kept as ${dtype}, not as F32.`);
    const [from, to] = data_offsets;
    for (let at = start + from; at < start + to; at += 4) sum += view.getFloat32(at, true) ** 2;
    count += (to - from) / 4;
  }
  return Math.sqrt(sum / count);
}
