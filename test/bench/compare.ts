/**
 * Decode and prefill speed beside node-llama-cpp: both engines alive, asked in turn (A B A B), so that a machine whose
 * speed drifts slows both. Prints medians, spread and the ratio of each pair.
 * usage: node test/bench/compare.ts GGUF [RUNS] [THREADS]   (peers: npm install --omit=optional in test/bench/peers)
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median, modelPath, provenance, someIds, summary } from './measure.ts';

interface Answer {
  ms: number;
  tokens: number;
}

const [gguf, runs = '7', threads = '2'] = process.argv.slice(2);
if (!gguf) throw new Error('usage: compare.ts GGUF [RUNS] [THREADS]');

async function start(script: string, model: string): Promise<{ name: string; child: ChildProcess }> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [model, threads]);
  const [{ name }] = (await once(child, 'message')) as [{ name: string }];
  return { name, child };
}

async function rate(child: ChildProcess, request: object): Promise<number> {
  child.send(request);
  const [{ ms, tokens }] = (await once(child, 'message')) as [Answer];
  return (1000 * tokens) / ms;
}

const ours = await start('./llamba.ts', modelPath);
const peer = await start('./peers/node-llama-cpp.mjs', gguf);
console.log(`${provenance()}, ${threads} threads\nA: ${ours.name}\nB: ${peer.name}`);

const cases = [
  { title: 'decode, 128 tokens after 32', request: { op: 'decode', ids: someIds(32, 49152), tokens: 128 } },
  { title: 'prefill, 2,000 tokens', request: { op: 'prefill', ids: someIds(2000, 49152), tokens: 0 } },
];
for (const { title, request } of cases) {
  const a: number[] = [];
  const b: number[] = [];
  for (let i = -1; i < Number(runs); i++) {
    const pair = [await rate(ours.child, request), await rate(peer.child, request)] as const;
    if (i < 0) continue; // warm-up
    a.push(pair[0]);
    b.push(pair[1]);
  }
  console.log(`${title}\n  A ${summary(a, 'tokens/s')}\n  B ${summary(b, 'tokens/s')}`);
  console.log(
    `  A/B ${summary(
      a.map((v, i) => v / (b[i] ?? Number.NaN)),
      'x',
      2,
    )}, of medians ${(median(a) / median(b)).toFixed(2)}`,
  );
}
ours.child.disconnect();
peer.child.disconnect();
