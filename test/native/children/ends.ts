/** Ends in the way its arguments say while the engine works: `node ends.ts MODEL WORK WAY`. Also runs as a worker. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { begin, endless } from './shared.ts';

const [path, work, way] = (isMainThread ? process.argv.slice(2) : workerData) as [string, string, string];
const { engine, model, state } = await begin(path);

const ways: Record<string, () => void> = {
  exit: () => process.exit(0),
  throw: () => {
    throw new Error('on purpose');
  },
  close: () => void engine.close(),
  cancel: () => job.cancel(),
  unload: () => void model.unload(),
  terminate: () => parentPort?.postMessage('now'),
  abort: () => engine.abortForTests(),
};
const end = ways[way] as () => void;
let ended = false;
const once = () => {
  if (!ended) setImmediate(end);
  ended = true;
};
const inside = () => {
  if (!ended) end();
  ended = true;
};

const long = Array.from({ length: 500_000 }, (_, i) => i % 200);
const jobs: Record<string, () => { done: Promise<unknown>; cancel(): void }> = {
  generate: () => state.generate(endless, once),
  'generate-inside': () => state.generate(endless, inside),
  feed: () => state.feed(long, { chunk: 32, onProgress: once }),
  score: () => state.score(long, { chunk: 32, onProgress: once }),
  likelihoods: () => {
    state.feed([1]).done.catch(() => undefined); // before them: of a fresh state there are none
    const many = Array.from({ length: 5000 }, () => state);
    return model.likelihoods(many, long.slice(0, 100), { onProgress: once });
  },
  load: () => {
    setImmediate(once);
    return engine.load(path);
  },
};
const job = (jobs[work] as () => { done: Promise<unknown>; cancel(): void })();
await job.done.then(
  () => {},
  (error: { code?: string }) => {
    if (!['cancelled', 'engine-gone', 'model-not-found', 'state-not-found'].includes(error.code ?? ''))
      throw error;
  },
);
