/**
 * What a person waits for: a cold `llamba run` of one token as a whole process, and the first token of a warm chat.
 * usage: node test/bench/startup.ts [RUNS]
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { localCore } from '../../electron/headless/local-core.ts';
import { provenance, summary } from './measure.ts';

const runs = Number(process.argv[2] ?? 7);
const llamba = fileURLToPath(new URL('../../scripts/llamba.mjs', import.meta.url));
const twentyWords =
  'Please tell me in a few short words why the sky looks blue in the day and red at evening.';

const cold: number[] = [];
for (let i = -1; i < runs; i++) {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [
    llamba,
    'run',
    '--prompt',
    'Hi',
    '--max-tokens',
    '1',
    '--json',
  ]);
  if (status !== 0) throw new Error(stderr.toString());
  if (i >= 0) cold.push(performance.now() - start);
}
console.log(`${provenance()}\ncold llamba run, 1 token: ${summary(cold, 'ms', 0)}`);

const core = localCore('cli', { loadAtStart: true });
await core.ready();
const rpc = core.connect();
const session = (await rpc.call('sessions.create', { system: null })).id;
const warm: number[] = [];
for (let i = -1; i < runs; i++) {
  const start = performance.now();
  let first = 0;
  await rpc.stream(
    'sessions.send',
    { session, text: twentyWords, sampling: { maxTokens: 8 } },
    ({ type }) => {
      if (type === 'text') first ||= performance.now();
    },
  );
  if (i >= 0) warm.push(first - start);
}
console.log(`first token in a warm chat of 20 words: ${summary(warm, 'ms', 0)}`);
await core.close();
process.exit(0);
