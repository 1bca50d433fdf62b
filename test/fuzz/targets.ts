/** What is fed with damaged files: every reader of models from outside, and the engine's loader. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openGgufModel } from '../../models/convert/gguf-model.ts';
import { type OpenedModel, openModel } from '../../models/convert/open-model.ts';
import { planConversion } from '../../models/convert/plan.ts';
import { openPytorch } from '../../models/convert/pytorch.ts';
import { recognise } from '../../models/convert/recognise.ts';
import { openSafetensors } from '../../models/convert/safetensors.ts';
import { rowsOf, type TensorSource } from '../../models/convert/source.ts';
import type { Engine } from '../../native-mlx/addon.ts';
import { f32, pytorchFile, safetensorsFile, stateDictPickle, type Tensors } from '../convert/files.ts';
import { tinyGguf } from '../convert/tiny-llama.ts';
import { fixtures } from '../native/golden.ts';
import type { Random } from '../user/seeded.ts';
import { mutate, mutateHeader, mutateJson } from './mutate.ts';

/** Writes one damaged input below `folder`, and gives what is done with it. Throws what the reader throws. */
export type Target = (
  folder: string,
  random: Random,
) => { bytes: number; run: (engine: Engine) => Promise<void> };

export const targetNames = ['safetensors', 'gguf', 'pytorch', 'config', 'native'] as const;
export type TargetName = (typeof targetNames)[number] | 'sabotage';

const few: Tensors = {
  'model.norm.weight': f32([8], new Float32Array(8)),
  'embedding.encoder.weight': f32([4, 8], new Float32Array(32)),
};
const seeds = {
  safetensors: safetensorsFile(few, { _class_: '"x"' }),
  gguf: tinyGguf(),
  pytorch: pytorchFile(few),
  pickle: stateDictPickle(few),
};

/** Every tensor whole, as a conversion reads it. */
async function readAll(source: TensorSource): Promise<void> {
  try {
    for (const { name, shape } of source.tensors.values()) await source.read(name, 0, rowsOf(shape));
  } finally {
    await source.close();
  }
}

const inFile =
  (name: string, make: (random: Random) => Buffer, run: (path: string) => Promise<void>): Target =>
  (folder, random) => {
    const bytes = make(random);
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return { bytes: bytes.length, run: () => run(path) };
  };

async function gguf(path: string): Promise<void> {
  const model = await openGgufModel(path);
  try {
    for (const part of model.parts) for await (const _ of part.produce());
  } finally {
    await model.close();
  }
}

const models = [
  { path: `${fixtures}/llamba/bf16-tied/hub`, weights: 'model.safetensors' },
  { path: `${fixtures}/llamba/q8g64-mixed/model`, weights: 'tiny-q8g64-mixed.safetensors' },
  { path: `${fixtures}/llama/q4g64-tied/model`, weights: 'model.safetensors' },
  { path: `${fixtures}/llama/bf16-untied/model`, weights: 'model.safetensors' },
];
const jsonFiles = ['config.json', 'model.safetensors.index.json'];

/** A whole model of which one text, or the header of the weights, is damaged. */
function damagedModel(folder: string, random: Random, alsoWeights: boolean) {
  const { path, weights } = random.pick(models);
  const copy = join(folder, 'model');
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy);
  cpSync(path, copy, { recursive: true });
  const texts = jsonFiles.filter((name) => exists(join(path, name)));
  const what = random.pick(
    [...texts, ...(alsoWeights ? [weights, weights] : [])].concat(texts.length ? [] : [weights]),
  );
  const file = readFileSync(join(path, what));
  const damaged =
    what !== weights
      ? Buffer.from(random.next() < 0.8 ? mutateJson(file.toString(), random) : mutate(file, random))
      : random.next() < 0.8
        ? mutateHeader(file, random)
        : mutate(file, random);
  writeFileSync(join(copy, what), damaged);
  return { path: copy, bytes: damaged.length + 2_000_000 };
}

function exists(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

const config: Target = (folder, random) => {
  const { path, bytes } = damagedModel(folder, random, true);
  return {
    bytes,
    async run() {
      await recognise(path);
      let model: OpenedModel | null = null;
      try {
        model = await openModel(path);
        planConversion(
          model,
          { bits: 4, groupSize: 32, embedding: 4 },
          () => Promise.reject(new Error('not asked')),
          'x',
        );
      } finally {
        await model?.source.close();
      }
    },
  };
};

/** Loaded, it must also think: a shape that passed the checks must fit the arithmetic. */
const native: Target = (folder, random) => {
  const { path, bytes } = damagedModel(folder, random, true);
  return {
    bytes,
    async run(engine) {
      const model = await engine.load(path).done;
      try {
        const state = await model.createState();
        await state.score([0, 0], { top: 1 }).done;
      } finally {
        await model.unload();
      }
    },
  };
};

/** No reader: faults of every kind that feeding must notice, one an input in turn. */
const sabotage: Target = (_, random) => {
  const fault = Math.floor(random.next() * 5);
  return {
    bytes: 0,
    async run() {
      if (fault === 1) throw new TypeError('without a name');
      if (fault === 2) Buffer.alloc(300 * 2 ** 20, 1);
      if (fault === 3) process.kill(process.pid, 'SIGSEGV');
      while (fault === 4);
    },
  };
};

export const targets: Record<TargetName, Target> = {
  safetensors: inFile(
    'x.safetensors',
    (random) =>
      random.next() < 0.6 ? mutateHeader(seeds.safetensors, random) : mutate(seeds.safetensors, random),
    async (path) => readAll(await openSafetensors(path)),
  ),
  gguf: inFile('x.gguf', (random) => mutate(seeds.gguf, random), gguf),
  pytorch: inFile(
    'x.bin',
    (random) =>
      random.next() < 0.5 ? mutate(seeds.pytorch, random) : pytorchFile(few, mutate(seeds.pickle, random)),
    async (path) => readAll(await openPytorch(path)),
  ),
  config,
  native,
  sabotage,
};
