/**
 * A scripted user for hours: sends, regenerates, branches, forks, switches, deletes, thins, over the real core and the
 * embedded model. Fails when the footprint of host or engine grows after the warm-up, or when states leak.
 * usage: node test/soak/soak.ts [--hours N | --minutes N] [--seed N] [--json FILE]   (npm run soak; default: 8 hours)
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createCore } from '../../electron/core/core.ts';
import { spawnEngine } from '../../electron/engine/spawn.ts';
import { modelFolders } from '../../electron/headless/local-core.ts';
import { parseOptions } from '../../electron/headless/options.ts';
import { provenance } from '../bench/measure.ts';
import { actions, anyAction } from '../user/actions.ts';
import type { Scene } from '../user/scene.ts';
import { seeded } from '../user/seeded.ts';
import { growthOf, hasGrown, type Sample, warmUp } from './footprint.ts';

const given = parseOptions(process.argv.slice(2), {
  hours: { kind: 'number', help: '' },
  minutes: { kind: 'number', help: '' },
  seed: { kind: 'integer', help: '' },
  json: { kind: 'text', help: '' },
});
const minutes = given.minutes ?? 60 * (given.hours ?? 8);
const seed = given.seed ?? 1;
const sampleMs = Math.min(10_000, minutes * 600);
/** Part of the footprint. */
const limit = 0.01;
/** Held for points, in use by two replies at once with their titles, and on their way. */
const mostStates = 8 + 12;
const MiB = 2 ** 20;

const data = mkdtempSync(join(tmpdir(), 'llamba-soak-'));
const core = createCore({
  host: 'cli',
  version: '0',
  data,
  models: modelFolders(),
  startEngine: () => spawnEngine(),
  loadAtStart: false,
});
const loaded = await core.load(null);
const rpc = core.connect();
const scene: Scene = {
  rpc,
  random: seeded(seed),
  heard: { turn: () => undefined, text: () => undefined, session: () => undefined },
  habits: {
    tokens: [4, 48],
    longMs: [500, 5000],
    sessions: 12,
    budgets: [8 * loaded.stateBytes, 48 * loaded.stateBytes],
  },
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const samples: Sample[] = [];
const start = performance.now();

/** What garbage collection would free is no growth: it is run before each sample. */
async function sample() {
  const metrics = await rpc.call('metrics.latest', {});
  collectGarbage();
  const at = performance.now() - start;
  samples.push({
    at,
    host: process.memoryUsage.rss(),
    engine: metrics.footprintBytes,
    active: metrics.activeBytes,
    cache: metrics.cacheBytes,
    states: metrics.stateCount,
  });
  if (samples.length % 6 === 1) tell(samples.at(-1) as Sample);
}

const row = (...cells: string[]) => console.log(cells.map((cell) => cell.padStart(12)).join(''));
const size = (bytes: number) => `${(bytes / MiB).toFixed(1)} MiB`;
const tell = ({ at, host, engine, active, cache, states }: Sample) =>
  row(`${(at / 60_000).toFixed(1)} min`, ...[host, engine, active, cache].map(size), String(states));

console.log(`${provenance()}\n${loaded.name}, ${minutes} minutes, seed ${seed}`);
row('time', 'host', 'engine', 'in use', 'cached', 'states');
const sampling = setInterval(() => void sample(), sampleMs);
const done: Record<string, number> = {};
while (performance.now() - start < minutes * 60_000) {
  const action = anyAction(scene);
  await actions[action].run(scene);
  done[action] = (done[action] ?? 0) + 1;
}
clearInterval(sampling);
await sample();
await core.close();
rmSync(data, { recursive: true });

const host = growthOf(samples, 'host');
const engine = growthOf(samples, 'engine');
const states = Math.max(...samples.map((each) => each.states));
const percent = (part: number) => `${(100 * part).toFixed(2)} %`;
for (const [name, { first, last, growth, trend }] of [
  ['host', host],
  ['engine', engine],
] as const) {
  console.log(`${name}: ${size(first)} to ${size(last)}, ${percent(growth)}; trend ${percent(trend)}`);
}
console.log(
  `after a warm-up of ${(warmUp(minutes * 60_000) / 60_000).toFixed(1)} min; most states: ${states}`,
);
console.log(
  `done: ${Object.entries(done)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')}`,
);

const failures = [
  ...(hasGrown(host, limit) ? ['the host grew'] : []),
  ...(hasGrown(engine, limit) ? ['the engine grew'] : []),
  ...(states > mostStates ? [`${states} states were held at once`] : []),
];
if (given.json) {
  const about = { machine: provenance(), model: loaded.name, minutes, seed, limit };
  writeFileSync(given.json, JSON.stringify({ ...about, host, engine, states, done, failures, samples }));
}
console.log(failures.length > 0 ? `FAILED: ${failures.join('; ')}` : 'passed');
process.exit(failures.length > 0 ? 1 : 0);
