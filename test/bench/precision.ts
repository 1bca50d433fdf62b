/**
 * What a state loses when its file holds it in 16 bits: at 20 places of a held-out book the state is saved, rounded, loaded
 * again, and compared with itself unrounded: perplexity of the next 256 tokens, and 500 tokens that it writes.
 * usage: node test/bench/precision.ts [--json FILE] [--places N] [--steps N]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { engineSampling } from '../../electron/core/generate-text.ts';
import { samplingOf } from '../../electron/core/models/on-disk.ts';
import { readTokenizer } from '../../electron/core/tokenizer.ts';
import { loadAddon, type Sampling, type State } from '../../native-mlx/addon.ts';
import { putTogether, sign, takeApart } from '../native/files.ts';
import { greedy, median, modelPath, provenance } from './measure.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    places: { type: 'string', default: '20' },
    steps: { type: 'string', default: '500' },
  },
});
const places = Number(values.places);
const steps = Number(values.steps);
const after = 256;

/** To the nearest value with 8 bits of significand, ties to even: the upper half of a float32. */
function bf16(numbers: Float32Array): void {
  const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  for (const [i, word] of words.entries()) {
    words[i] = (word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000;
  }
}
/** The same with 11 bits; beyond its range infinite, below it 0. */
function fp16(numbers: Float32Array): void {
  for (const [i, x] of numbers.entries()) numbers[i] = Math.f16round(x);
}
const roundings = { f32: () => undefined, bf16, fp16 };
type Rounding = keyof typeof roundings;
// The last is what float32 itself differs in: the same text read at once, in chunks with other borders.
const again = 'f32, read again';
const names = [...(Object.keys(roundings) as Rounding[]), again];

const folder = mkdtempSync(join(tmpdir(), 'llamba-precision-'));
const engine = loadAddon().createEngine();
const model = await engine.load(modelPath).done;
const tokenizer = (await readTokenizer(modelPath)).build();
const text = readFileSync(new URL('../fixtures/prose/south.txt', import.meta.url), 'utf8');
const ids = tokenizer.encode(text);

/** The state's arrays through `round` and a file; its hidden vector, 1/2000 of the whole, stays as it is. */
async function through(rounding: Rounding, saved: string): Promise<State> {
  const parts = takeApart(saved);
  const data = new Uint8Array(parts.data).buffer; // aligned, and our own
  for (const [
    name,
    {
      data_offsets: [begin, end],
    },
  ] of Object.entries(parts.tensors)) {
    if (name.startsWith('state.')) roundings[rounding](new Float32Array(data, begin, (end - begin) / 4));
  }
  parts.data = Buffer.from(data);
  const file = join(folder, 'rounded');
  writeFileSync(file, putTogether(sign(parts)));
  return (await model.loadState(file)).state;
}

async function readAgain(count: number): Promise<State> {
  const state = await model.createState();
  await state.feed(ids.slice(0, count)).done;
  return state;
}

async function write(from: State, sampling: Sampling): Promise<number[]> {
  const state = await from.fork();
  const tokens: number[] = [];
  const request = { ids: [], maxTokens: steps, sampling, stopIds: [], stopStrings: [] };
  await state.generate(request, (more) => tokens.push(...more)).done;
  await state.free();
  return tokens;
}

const sameFor = (a: readonly number[], b: readonly number[]) => {
  const at = a.findIndex((id, i) => id !== b[i]);
  return at < 0 ? a.length : at;
};

/** As the app asks the model to write: there any difference in a probability can tell. */
const shipped = samplingOf(JSON.parse(readFileSync(join(modelPath, 'generation_config.json'), 'utf8')));
const manners: Record<string, (place: number) => Sampling> = {
  greedy: () => greedy,
  [`greedy, penalty ${shipped.repetitionPenalty}`]: () =>
    engineSampling({ ...shipped, temperature: 0, seed: 0 }),
  [`temperature ${shipped.temperature}, penalty ${shipped.repetitionPenalty}`]: (seed) =>
    engineSampling({ ...shipped, seed }),
};
const asked = Object.values(manners);
const losses = Object.fromEntries(names.map((name) => [name, [] as number[]]));
const agreed = Object.fromEntries(names.map((name) => [name, asked.map(() => [] as number[])]));
const reader = await model.createState();
const spacing = Math.floor((ids.length - after - 200) / places);
const saved = join(folder, 'saved');
for (let place = 0, fed = 0; place < places; place++) {
  const at = 200 + place * spacing;
  await reader.feed(ids.slice(fed, at)).done;
  fed = at;
  await reader.save(saved, '');
  const states: State[] = [];
  for (const rounding of Object.keys(roundings) as Rounding[]) states.push(await through(rounding, saved));
  states.push(await readAgain(at));
  const texts = await Promise.all(
    states.map((state) => Promise.all(asked.map((sampling) => write(state, sampling(place))))),
  );
  for (const [i, name] of names.entries()) {
    for (const m of asked.keys()) agreed[name]?.[m]?.push(sameFor(texts[0]?.[m] ?? [], texts[i]?.[m] ?? []));
    const { logprobs } = await (states[i] as State).score(ids.slice(at, at + after)).done;
    losses[name]?.push(-logprobs.reduce((sum, logprob) => sum + logprob, 0) / after);
    await states[i]?.free();
  }
}
rmSync(folder, { recursive: true });

const mean = (all: readonly number[]) => all.reduce((sum, x) => sum + x, 0) / all.length;
const rows = names.map((name) => {
  const own = losses[name] ?? [];
  const differences = own.map((loss, i) => loss - (losses.f32?.[i] ?? Number.NaN));
  return {
    name,
    perplexity: Math.exp(mean(own)),
    /** Of the loss in nats a token, over places. */
    meanDifference: mean(differences),
    largestDifference: Math.max(...differences.map(Math.abs)),
    written: (agreed[name] ?? []).map((counts, m) => ({
      manner: Object.keys(manners)[m],
      whole: counts.filter((count) => count === steps).length,
      medianUntil: median(counts),
      counts,
    })),
  };
});
console.log(`${provenance()}\n${model.info.name}, ${ids.length} tokens, ${places} places`);
for (const { name, perplexity, meanDifference, largestDifference, written } of rows) {
  const equal = written.map((w) => `${w.manner}: ${w.whole} of ${places}, median ${w.medianUntil}`);
  console.log(
    `${name}: perplexity ${perplexity.toFixed(4)}, loss ${meanDifference.toExponential(2)} on average and at most ` +
      `${largestDifference.toExponential(2)} apart a place; ${steps} tokens written the same, ${equal.join('; ')}`,
  );
}
if (values.json)
  writeFileSync(values.json, `${JSON.stringify({ machine: provenance(), steps, after, rows }, null, 2)}\n`);
await engine.close();
