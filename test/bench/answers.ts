/**
 * Answers of the app's engine on the CPU, sampled as the app samples: what models/distill judges (llamba_distill/app.py).
 * usage: LLAMBA_THREADS=1 node test/bench/answers.ts < REQUEST.json > ANSWERS.json
 */
import { readFileSync } from 'node:fs';
import { engineSampling } from '../../electron/core/generate-text.ts';
import { findModel, readDefaults, samplingOf } from '../../electron/core/models/on-disk.ts';
import { loadAddon } from '../../native-mlx/addon.ts';
import { provenance } from './measure.ts';

interface Asked {
  /** A model's folder. */
  readonly model: string;
  /** Ids of each whole prompt, up to the beginning of the reply. */
  readonly prompts: readonly (readonly number[])[];
  /** The most tokens of an answer. */
  readonly limit: number;
  /** As in a generation_config.json. */
  readonly settings: Record<string, unknown>;
  readonly seed: number;
}

const { model: path, prompts, limit, settings, seed }: Asked = JSON.parse(readFileSync(0, 'utf8'));
const addon = loadAddon();
const threads = Number(process.env.LLAMBA_THREADS ?? 0);
const engine = addon.createEngine({ device: 'cpu', ...(threads > 0 && { threads }) });
const model = await engine.load(path).done;
const { stopIds } = readDefaults(findModel([], path));

const answers = await Promise.all(
  prompts.map(async (ids, i) => {
    const state = await model.createState();
    const said: number[] = [];
    const sampling = engineSampling({ ...samplingOf(settings), seed: seed + i });
    const request = { ids, maxTokens: limit, sampling, stopIds, stopStrings: [] };
    const { reason } = await state.generate(request, (more) => said.push(...more)).done;
    await state.free();
    return { said, ended: reason === 'stop-id' };
  }),
);
await engine.close();
console.log(JSON.stringify({ device: provenance(addon), answers }));
