/**
 * Our engine under measure, driven over IPC by compare.ts, the same protocol as peers/node-llama-cpp.mjs:
 * { op: 'prefill' | 'decode', ids, tokens } -> { ms, tokens }.
 * usage: node llamba.ts MODEL THREADS
 */
import { loadAddon } from '../../native-mlx/addon.ts';
import { greedy } from './measure.ts';

interface Request {
  op: 'prefill' | 'decode';
  ids: number[];
  tokens: number;
}

const [path = '', threads = '2'] = process.argv.slice(2);
const engine = loadAddon().createEngine({ threads: Number(threads) });
const model = await engine.load(path).done;

async function measure({ op, ids, tokens }: Request): Promise<{ ms: number; tokens: number }> {
  const state = await model.createState();
  try {
    const start = performance.now();
    if (op === 'prefill') {
      await state.feed(ids).done;
      return { ms: performance.now() - start, tokens: ids.length };
    }
    let first = 0;
    const request = { ids, maxTokens: tokens + 1, sampling: greedy, stopIds: [], stopStrings: [] };
    await state.generate(request, () => {
      first ||= performance.now();
    }).done;
    return { ms: performance.now() - first, tokens };
  } finally {
    await state.free();
  }
}

process.on('message', async (request: Request) => process.send?.(await measure(request)));
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true, name: `Llamba Desktop, ${model.info.name}` });
