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

const ids = (count: number) => someIds(count, 49152);

/**
 * Ours, the peer's and the ratio of each pair, for decode and for prefill of each length; `names`: of those that were asked.
 * null for `gguf`: ours alone.
 */
export async function besidePeer(
  gguf: string | null,
  prefills: readonly number[],
  runs: number,
  threads: number,
) {
  const ours = await start('./llamba.ts', modelPath, threads);
  const peer = gguf === null ? null : await start('./peers/node-llama-cpp.mjs', gguf, threads);
  const cases = [
    { title: 'decode, 128 tokens after 32', request: { op: 'decode', ids: ids(32), tokens: 128 } },
    ...prefills.map((length) => ({
      title: `prefill, ${length.toLocaleString('en')} tokens`,
      request: { op: 'prefill', ids: ids(length), tokens: 0 },
    })),
  ];
  const figures: Figure[] = [];
  for (const { title, request } of cases) {
    const own: number[] = [];
    const theirs: number[] = [];
    for (let run = -1; run < runs; run++) {
      const [a, b] = [await rate(ours.child, request), peer && (await rate(peer.child, request))];
      if (run < 0) continue; // warm-up
      own.push(a);
      if (b !== null) theirs.push(b);
    }
    figures.push(figure(`${title}: ours`, 'tokens/s', own));
    if (!peer) continue;
    const ratios = own.map((a, i) => a / (theirs[i] ?? Number.NaN));
    figures.push(
      figure(`${title}: node-llama-cpp`, 'tokens/s', theirs),
      figure(`${title}: ratio`, 'x', ratios),
    );
  }
  ours.child.disconnect();
  peer?.child.disconnect();
  return { names: [ours.name, ...(peer ? [peer.name] : [])], figures };
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
  const { names, figures } = await besidePeer(gguf, [4000], Number(runs), Number(threads));
  console.log([provenance(), ...names, ...figures.map(figureText)].join('\n'));
}
