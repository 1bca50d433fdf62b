/**
 * What a long context costs: decode speed and memory as the state is fed up to 100,000 tokens.
 * Speeds at each length alternate with the speed of a short context in the same run, so that drift cancels.
 * usage: node test/bench/length.ts [LENGTHS, comma separated]
 */
import { loadAddon, type State } from '../../native-mlx/addon.ts';
import { type Figure, figure, figureText, greedy, modelPath, provenance, someIds } from './measure.ts';

/** For each length: decode speed, its ratio to that after 100 tokens, active memory, and the peak of reading up to it. */
export async function overLength(lengths: readonly number[], runs: number): Promise<Figure[]> {
  const addon = loadAddon();
  const engine = addon.createEngine();
  const model = await engine.load(modelPath).done;
  const short = await model.createState();
  await short.feed(someIds(100, model.info.vocabulary)).done;
  const long = await model.createState();
  const figures: Figure[] = [];
  let fed = 0;
  for (const length of lengths) {
    addon.resetPeakMemory();
    await long.feed(someIds(length, model.info.vocabulary).slice(fed)).done;
    const { peakBytes } = addon.memory();
    fed = length;
    const pairs: (readonly [number, number])[] = [];
    for (let run = -1; run < runs; run++) {
      const pair = [await decodeRate(long), await decodeRate(short)] as const;
      if (run >= 0) pairs.push(pair); // else warm-up
    }
    const at = `at ${length.toLocaleString('en')} tokens`;
    figures.push(
      figure(
        `decode ${at}`,
        'tokens/s',
        pairs.map(([rate]) => rate),
      ),
      figure(
        `decode ${at}: ratio to 100 tokens`,
        'x',
        pairs.map(([a, b]) => a / b),
      ),
      figure(`active memory ${at}`, 'bytes', [addon.memory().activeBytes]),
      figure(`peak memory of reading ${at}`, 'bytes', [peakBytes]),
    );
  }
  await engine.close();
  return figures;
}

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

if (process.argv[1] === import.meta.filename) {
  const lengths = (process.argv[2] ?? '2000,10000,50000,100000').split(',').map(Number);
  console.log([provenance(), ...(await overLength(lengths, 9)).map(figureText)].join('\n'));
}
