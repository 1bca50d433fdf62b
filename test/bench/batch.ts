/**
 * Sequences that decode together against one alone, in turn in one run, so that drift cancels.
 * usage: node test/bench/batch.ts [BATCHES, comma separated] [RUNS]
 */
import { loadAddon, type State } from '../../native-mlx/addon.ts';
import { type Figure, figure, figureText, greedy, modelPath, provenance, someIds } from './measure.ts';

const context = 128;
const tokens = 64;

/** For each batch the tokens a second of all its sequences, and their ratio to one alone. */
export async function overBatch(batches: readonly number[], runs: number): Promise<Figure[]> {
  const engine = loadAddon().createEngine();
  const model = await engine.load(modelPath).done;
  const prefix = await model.createState();
  await prefix.feed(someIds(context, model.info.vocabulary)).done;
  const figures: Figure[] = [];
  for (const batch of batches) {
    const pairs: (readonly [number, number])[] = [];
    for (let run = -1; run < runs; run++) {
      const pair = [await together(prefix, batch), await together(prefix, 1)] as const;
      if (run >= 0) pairs.push(pair); // else warm-up
    }
    figures.push(
      figure(
        `decode, ${batch} at once: all`,
        'tokens/s',
        pairs.map(([all]) => all),
      ),
      figure(
        `decode, ${batch} at once: ratio to one`,
        'x',
        pairs.map(([all, one]) => all / one),
      ),
    );
  }
  await engine.close();
  return figures;
}

/** Tokens a second of all; the time is from the first's start to the last's end. */
async function together(prefix: State, batch: number): Promise<number> {
  const forks = await Promise.all(Array.from({ length: batch }, () => prefix.fork()));
  const request = { ids: [], maxTokens: tokens, sampling: greedy, stopIds: [], stopStrings: [] };
  const began = performance.now();
  await Promise.all(forks.map((fork) => fork.generate(request, () => undefined).done));
  const ms = performance.now() - began;
  await Promise.all(forks.map((fork) => fork.free()));
  return (1000 * tokens * batch) / ms;
}

if (process.argv[1] === import.meta.filename) {
  const [batches = '2,4,8', runs = '7'] = process.argv.slice(2);
  const figures = await overBatch(batches.split(',').map(Number), Number(runs));
  console.log([provenance(), ...figures.map(figureText)].join('\n'));
}
