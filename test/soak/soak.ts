/**
 * A scripted user for hours: sends, regenerates, branches, forks, switches, deletes, thins, over the real core and the
 * embedded model. Fails when the footprint of host or engine grows after the warm-up, or when states leak.
 * usage: node test/soak/soak.ts [--hours N | --minutes N] [--seed N] [--json FILE]   (npm run soak; default: 8 hours)
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseOptions } from '../../electron/headless/options.ts';
import type { Contract } from '../../electron/shared/contract.ts';
import { client } from '../../electron/shared/rpc.ts';
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
const host = fork(fileURLToPath(new URL('./host.ts', import.meta.url)), [data]);
const ended = once(host, 'exit');
ended.then(([code, signal]) => {
  if (!ending) throw new Error(`the host ended with ${code ?? signal}`);
});
let ending = false;
await once(host, 'message');
const rpc = client<Contract>({
  post: (frame) => void host.send(frame as object),
  onFrame: (listener) => void host.on('message', listener),
  onClose: (listener) => void host.once('exit', listener),
});
const status = await rpc.call('engine.status', {});
if (status.phase !== 'ready') throw new Error(`the engine is ${status.phase}`);
const { name, stateBytes } = status.model;
const scene: Scene = {
  rpc,
  random: seeded(seed),
  heard: { turn: () => undefined, text: () => undefined, session: () => undefined },
  habits: {
    tokens: [4, 48],
    longMs: [500, 5000],
    sessions: 12,
    budgets: [8 * stateBytes, 48 * stateBytes],
  },
};

const samples: Sample[] = [];
const start = performance.now();
host.on('message', async ({ footprint }: { footprint?: number }) => {
  if (footprint === undefined || ending) return;
  const metrics = await rpc.call('metrics.latest', {});
  samples.push({
    at: performance.now() - start,
    host: footprint,
    engine: metrics.footprintBytes,
    active: metrics.activeBytes,
    cache: metrics.cacheBytes,
    states: metrics.stateCount,
  });
  if (samples.length % 6 === 1) tell(samples.at(-1) as Sample);
});

const row = (...cells: string[]) => console.log(cells.map((cell) => cell.padStart(12)).join(''));
const size = (bytes: number) => `${(bytes / MiB).toFixed(1)} MiB`;
const tell = ({ at, host, engine, active, cache, states }: Sample) =>
  row(`${(at / 60_000).toFixed(1)} min`, ...[host, engine, active, cache].map(size), String(states));

console.log(`${provenance()}\n${name}, ${minutes} minutes, seed ${seed}`);
row('time', 'host', 'engine', 'in use', 'cached', 'states');
const sampling = setInterval(() => host.send({ sample: true }), sampleMs);
const done: Record<string, number> = {};
while (performance.now() - start < minutes * 60_000) {
  const action = anyAction(scene);
  await actions[action].run(scene);
  done[action] = (done[action] ?? 0) + 1;
}
clearInterval(sampling);
ending = true;
host.disconnect();
await ended;
rmSync(data, { recursive: true });

const grown = { host: growthOf(samples, 'host'), engine: growthOf(samples, 'engine') };
const states = Math.max(...samples.map((each) => each.states));
const percent = (part: number) => `${(100 * part).toFixed(2)} %`;
for (const [process, { first, last, growth, trend }] of Object.entries(grown)) {
  console.log(`${process}: ${size(first)} to ${size(last)}, ${percent(growth)}; trend ${percent(trend)}`);
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
  ...(hasGrown(grown.host, limit) ? ['the host grew'] : []),
  ...(hasGrown(grown.engine, limit) ? ['the engine grew'] : []),
  ...(states > mostStates ? [`${states} states were held at once`] : []),
];
if (given.json) {
  const about = { machine: provenance(), model: name, minutes, seed, limit };
  writeFileSync(given.json, JSON.stringify({ ...about, ...grown, states, done, failures, samples }));
}
console.log(failures.length > 0 ? `FAILED: ${failures.join('; ')}` : 'passed');
process.exit(failures.length > 0 ? 1 : 0);
