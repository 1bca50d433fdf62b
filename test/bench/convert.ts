/**
 * `convert [GIGABYTES]`: a hub checkpoint of random numbers, 1 GB in F32 unless said otherwise, to 4 bits: source bytes a
 * second, and by how much the converting process grew over its waking engine. Prints one JSON object.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeHubCheckpoint } from '../convert/hub-checkpoint.ts';

const gigabytes = Number(process.argv[2] ?? 1);
const folder = mkdtempSync(join(tmpdir(), 'llamba-bench-'));
try {
  const source = join(folder, 'source');
  // Llamba-1B's block in F32 takes 262 MB, its embedding here 131 MB.
  const blocks = Math.max(1, Math.round((gigabytes * 1e9 - 131e6) / 262e6));
  const shape = {
    vocabulary: 16_032,
    width: 2048,
    mlp: 8192,
    blocks,
    heads: 32,
    state: 64,
    dtype: 'F32',
  } as const;
  const largestBytes = writeHubCheckpoint(source, shape);
  const runs: Measured[] = [];
  for (let run = 0; run < 3; run++) runs.push(await measure(source, join(folder, `out-${run}`)));
  const best = runs.reduce((a, b) => (a.seconds < b.seconds ? a : b));
  const mbPerSecond = runs.map(({ sourceBytes, seconds }) => Math.round(sourceBytes / 1e6 / seconds));
  const peakOverMiB = Math.round(Math.max(...runs.map(({ overBytes }) => overBytes)) / 2 ** 20);
  const { sourceBytes, madeBytes } = best;
  console.log(
    JSON.stringify({
      sourceBytes,
      madeBytes,
      mbPerSecond,
      peakOverMiB,
      largestTensorMiB: largestBytes / 2 ** 20,
    }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Measured {
  readonly overBytes: number;
  readonly sourceBytes: number;
  readonly madeBytes: number;
  readonly seconds: number;
}

function measure(source: string, destination: string): Promise<Measured> {
  const child = fork(fileURLToPath(new URL('../convert/measure.ts', import.meta.url)), [source, destination]);
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Measured));
    child.once('exit', (code) => reject(new Error(`measuring ended with ${code}`)));
  });
}
