/**
 * Decode and prefill speed beside node-llama-cpp: both engines alive, asked in turn (A B A B), so that a machine whose
 * speed drifts slows both.
 * usage: node test/bench/compare.ts GGUF [RUNS] [THREADS]   (peers: npm install --omit=optional in test/bench/peers)
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Figure, figure, figureText, modelPath, provenance, someIds } from './measure.ts';

interface Answer {
  ms: number;
  tokens: number;
}

const cases = [
  { title: 'decode, 128 tokens after 32', request: { op: 'decode', ids: someIds(32, 49152), tokens: 128 } },
  { title: 'prefill, 4,000 tokens', request: { op: 'prefill', ids: someIds(4000, 49152), tokens: 0 } },
];

/** Ours, the peer's and the ratio of each pair, for decode and for prefill; `names`: of ours and of the peer. */
export async function besidePeer(gguf: string, runs: number, threads: number) {
  const [ours, peer] = [
    await start('./llamba.ts', modelPath, threads),
    await start('./peers/node-llama-cpp.mjs', gguf, threads),
  ];
  const figures: Figure[] = [];
  for (const { title, request } of cases) {
    const pairs: (readonly [number, number])[] = [];
    for (let run = -1; run < runs; run++) {
      const pair = [await rate(ours.child, request), await rate(peer.child, request)] as const;
      if (run >= 0) pairs.push(pair); // else warm-up
    }
    figures.push(
      figure(
        `${title}: ours`,
        'tokens/s',
        pairs.map(([a]) => a),
      ),
      figure(
        `${title}: node-llama-cpp`,
        'tokens/s',
        pairs.map(([, b]) => b),
      ),
      figure(
        `${title}: ratio`,
        'x',
        pairs.map(([a, b]) => a / b),
      ),
    );
  }
  ours.child.disconnect();
  peer.child.disconnect();
  return { names: [ours.name, peer.name], figures };
}

async function start(script: string, model: string, threads: number) {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [model, String(threads)]);
  const [{ name }] = (await once(child, 'message')) as [{ name: string }];
  return { name, child };
}

async function rate(child: ChildProcess, request: object): Promise<number> {
  child.send(request);
  const [{ ms, tokens }] = (await once(child, 'message')) as [Answer];
  return (1000 * tokens) / ms;
}

if (process.argv[1] === import.meta.filename) {
  const [gguf, runs = '7', threads = '2'] = process.argv.slice(2);
  if (!gguf) throw new Error('usage: compare.ts GGUF [RUNS] [THREADS]');
  const { names, figures } = await besidePeer(gguf, Number(runs), Number(threads));
  console.log([provenance(), ...names, ...figures.map(figureText)].join('\n'));
}
