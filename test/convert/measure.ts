/** `measure SOURCE DESTINATION`: converts in this process and tells by how much memory rose over the waking engine's. */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { convertHere } from '../../models/convert/convert-here.ts';
import { loadAddon } from '../../native-mlx/addon.ts';

const [source = '', destination = ''] = process.argv.slice(2);
const engine = loadAddon().createEngine({ cacheLimitBytes: 32 * 2 ** 20 });
const row = { dtype: 'F32', rows: 1, columns: 32, bits: 4, groupSize: 32 } as const;
await engine.quantize(new Uint8Array(128), row);
/** Kilobytes, on every system that Node knows. */
const peak = () => process.resourceUsage().maxRSS * 1024;
const before = peak();
const started = performance.now();
let bytes = 0;
await convertHere(
  source,
  destination,
  { bits: 4, groupSize: 64, embedding: 4 },
  (data, matrix) => engine.quantize(data, matrix),
  {
    onProgress: (_, total) => {
      bytes = total;
    },
  },
);
const seconds = (performance.now() - started) / 1000;
const made = statSync(join(destination, 'model.safetensors')).size;
rmSync(destination, { recursive: true });
process.send?.({ overBytes: peak() - before, sourceBytes: bytes, madeBytes: made, seconds });
process.disconnect?.();
await engine.close();
