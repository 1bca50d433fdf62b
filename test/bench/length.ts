/**
 * What a long context costs: decode speed and memory as the state is fed up to 100,000 tokens.
 * Speeds at each length alternate with the speed of a short context in the same run, so that drift cancels.
 * usage: node test/bench/length.ts [LENGTHS, comma separated]
 */
import { loadAddon, type State } from '../../native-mlx/addon.ts';
import { greedy, median, modelPath, provenance, someIds, summary } from './measure.ts';

const lengths = (process.argv[2] ?? '2000,10000,50000,100000').split(',').map(Number);
const MiB = 2 ** 20;
const addon = loadAddon();
const model = await addon.createEngine({ threads: 2 }).load(modelPath).done;
console.log(
  `${provenance(addon)}\n${model.info.name}, state ${(model.info.stateBytes / MiB).toFixed(2)} MiB`,
);

async function decodeRate(from: State): Promise<number> {
  const state = await from.fork();
  let first = 0;
  const request = { ids: [1], maxTokens: 65, sampling: greedy, stopIds: [], stopStrings: [] };
  await state.generate(request, () => {
    first ||= performance.now();
  }).done;
  const ms = performance.now() - first;
  await state.free();
  return 64_000 / ms;
}

const short = await model.createState();
await short.feed(someIds(100, model.info.vocabulary)).done;
const long = await model.createState();
let fed = 0;
let peakAt2000 = 0;
for (const length of lengths) {
  await long.feed(someIds(length, model.info.vocabulary).slice(fed)).done;
  fed = length;
  const ratios: number[] = [];
  const rates: number[] = [];
  for (let i = -1; i < 9; i++) {
    const pair = [await decodeRate(long), await decodeRate(short)] as const;
    if (i < 0) continue; // warm-up
    rates.push(pair[0]);
    ratios.push(pair[0] / pair[1]);
  }
  const { peakBytes, activeBytes, footprintBytes } = addon.memory();
  peakAt2000 ||= peakBytes;
  console.log(
    `${length} tokens: decode ${summary(rates, 'tokens/s')}, against 100 tokens x${median(ratios).toFixed(3)}; ` +
      `active ${(activeBytes / MiB).toFixed(1)} MiB, peak ${(peakBytes / MiB).toFixed(1)} MiB ` +
      `(x${(peakBytes / peakAt2000).toFixed(4)} of the first), footprint ${(footprintBytes / MiB).toFixed(1)} MiB`,
  );
}
process.exit(0);
