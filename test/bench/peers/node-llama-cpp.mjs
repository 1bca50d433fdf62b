// One engine under measure, driven over IPC by ../compare.ts: { op: 'prefill' | 'decode', ids, tokens } -> { ms, tokens }.
// usage: node node-llama-cpp.mjs MODEL.gguf THREADS
import { getLlama } from 'node-llama-cpp';

const [path, threads] = process.argv.slice(2);
const llama = await getLlama({ gpu: false, build: 'never', maxThreads: Number(threads), logLevel: 'error' });
const model = await llama.loadModel({ modelPath: path });
const context = await model.createContext({ contextSize: 4096, batchSize: 512, threads: Number(threads) });
const sequence = context.getSequence();

async function measure({ op, ids, tokens }) {
  await sequence.clearHistory();
  const start = performance.now();
  if (op === 'prefill') {
    await sequence.evaluateWithoutGeneratingNewTokens(ids);
    return { ms: performance.now() - start, tokens: ids.length };
  }
  let first = 0;
  let count = 0;
  for await (const _token of sequence.evaluate(ids, { temperature: 0 })) {
    if (count === 0) first = performance.now();
    count += 1;
    if (count > tokens) break;
  }
  return { ms: performance.now() - first, tokens: count - 1 };
}

process.on('message', async (request) => process.send(await measure(request)));
process.on('disconnect', () => process.exit(0));
process.send({ ready: true, name: 'node-llama-cpp 3.22.1, SmolLM2-135M-Instruct Q4_1' });
