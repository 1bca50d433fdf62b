/**
 * What one decode step costs besides arithmetic: a golden-size model (weights of a few hundred kB) is all overhead.
 * usage: node test/bench/overhead.ts
 */
import { fileURLToPath } from 'node:url';
import { loadAddon } from '../../native-mlx/addon.ts';
import { greedy, provenance, summary } from './measure.ts';

const tiny = fileURLToPath(
  new URL('../fixtures/llamba/q4g64-untied/model/tiny-q4g64-untied.safetensors', import.meta.url),
);
const addon = loadAddon();
const model = await addon.createEngine({ threads: 2 }).load(tiny).done;
const steps = 2000;
const perStep: number[] = [];
for (let i = -1; i < 7; i++) {
  const state = await model.createState();
  let first = 0;
  const request = { ids: [1], maxTokens: steps + 1, sampling: greedy, stopIds: [], stopStrings: [] };
  await state.generate(request, () => {
    first ||= performance.now();
  }).done;
  if (i >= 0) perStep.push((1000 * (performance.now() - first)) / steps);
  await state.free();
}
console.log(`${provenance(addon)}\n${model.info.blocks} blocks: ${summary(perStep, 'us a step')}`);
process.exit(0);
