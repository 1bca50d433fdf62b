/**
 * What a state costs: keep, save, load, fork, and what keeping takes from decoding. The decode figures are pairs of the
 * same work with and without a keep, alternating in one run, so that drift cancels.
 * usage: node test/bench/states.ts [--json FILE] [--folder FOLDER] [--pairs N]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadAddon, type State } from '../../native-mlx/addon.ts';
import { greedy, median, modelPath, provenance, someIds, summary } from './measure.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    pairs: { type: 'string', default: '12' },
  },
});
const pairs = Number(values.pairs);
const runs = 30;
const folder = mkdtempSync(join(values.folder, 'llamba-states-'));
const addon = loadAddon();
const engine = addon.createEngine();
const model = await engine.load(modelPath).done;
const ids = someIds(20_000, model.info.vocabulary);
const figures: Record<string, readonly number[]> = {};

async function timed<T>(work: () => Promise<T>): Promise<[ms: number, T]> {
  const began = performance.now();
  const result = await work();
  return [performance.now() - began, result];
}

function tell(name: string, values: readonly number[], unit: string, digits = 2): void {
  figures[name] = values;
  console.log(`${name}: ${summary(values, unit, digits)}`);
}

const state = await model.createState();
let at = 0;
const next = (count: number) => {
  if (at + count > ids.length) at = 0;
  at += count;
  return ids.slice(at - count, at);
};
await state.feed(next(2000)).done;

/** Every keep is of another state, so that each writes a file. */
async function files(): Promise<void> {
  const samples: { bytes: number; keep: number; blocked: number; save: number; load: number }[] = [];
  for (let run = -3; run < runs; run++) {
    await state.feed(next(4)).done;
    const [idle] = await timed(() => state.info());
    const keeping = timed(() => state.keep(folder, 'note'));
    // The engine's answer to a question that was put right behind the keep: what the keep held its thread for.
    const [behind] = await timed(() => state.info());
    const [keep, { file, bytes }] = await keeping;
    const [save] = await timed(() => state.save(join(folder, 'saved.safetensors'), 'note'));
    const [load, { state: loaded }] = await timed(() => model.loadState(join(folder, file)));
    await loaded.free();
    rmSync(join(folder, file));
    if (run >= 0) samples.push({ bytes, keep, blocked: behind - idle, save, load }); // else warm-up
  }
  const each = (name: keyof (typeof samples)[number]) => samples.map((sample) => sample[name]);
  tell('file', each('bytes'), 'B', 0);
  tell('keep, to its promise', each('keep'), 'ms');
  tell('keep, on the engine thread', each('blocked'), 'ms', 3);
  tell('save', each('save'), 'ms');
  tell('load', each('load'), 'ms');
}

/** Of all threads: what keeping can take from decoding at most, on a busy machine too. */
async function processorTime(): Promise<void> {
  const samples: number[] = [];
  for (let run = -3; run < runs; run++) {
    const before = process.cpuUsage();
    const { file } = await state.keep(folder, `run ${run}`);
    const { user, system } = process.cpuUsage(before);
    rmSync(join(folder, file));
    if (run >= 0) samples.push((user + system) / 1000);
  }
  tell('keep, processor time', samples, 'ms');
}

async function forks(): Promise<void> {
  await state.info();
  const before = addon.memory().activeBytes;
  const made: [ms: number, State][] = [];
  for (let i = 0; i < 100; i++) made.push(await timed(() => state.fork()));
  const grown = addon.memory().activeBytes - before;
  await Promise.all(made.map(([, each]) => each.free()));
  tell(
    'fork',
    made.map(([ms]) => ms),
    'ms',
    3,
  );
  tell('bytes that 100 forks add', [grown], 'B', 0);
}

const reply = async (from: State, tokens: number): Promise<number> => {
  const request = { ids: [], maxTokens: tokens, sampling: greedy, stopIds: [], stopStrings: [] };
  return (await from.generate(request, () => undefined).done).decodeMs;
};

/** One turn as a conversation has it: read a message, keep, reply on a fork, keep. Decode ms of the reply. */
async function turn(keeps: boolean): Promise<number> {
  const user = await state.fork();
  await user.feed(next(40)).done;
  const kept = keeps ? [user.keep(folder, 'user')] : [];
  const answer = await user.fork();
  const ms = await reply(answer, 200);
  if (keeps) kept.push(answer.keep(folder, 'reply'));
  for (const { file } of await Promise.all(kept)) rmSync(join(folder, file), { force: true });
  await Promise.all([user.free(), answer.free()]);
  return ms;
}

const own = await state.fork();
/** 50 tokens more of one text that goes on and on, begun right behind a keep or without one; ms. */
async function part(keeps: boolean): Promise<number> {
  const began = performance.now();
  const kept = keeps ? own.keep(folder, 'part') : null;
  await reply(own, 50);
  const ms = performance.now() - began;
  if (kept) rmSync(join(folder, (await kept).file));
  return ms;
}

async function cost(
  name: string,
  work: (keeps: boolean) => Promise<number>,
  tokens: number,
  pairs: number,
): Promise<void> {
  const measured: { rate: number; cost: number }[] = [];
  for (let pair = -1; pair < pairs; pair++) {
    const keepsFirst = pair % 2 === 0; // the order alternates too
    const first = await work(keepsFirst);
    const second = await work(!keepsFirst);
    const [kept, plain] = keepsFirst ? [first, second] : [second, first];
    if (pair >= 0) measured.push({ rate: (1000 * tokens) / plain, cost: 100 * (kept / plain - 1) }); // else warm-up
  }
  tell(
    `decode without ${name}`,
    measured.map(({ rate }) => rate),
    'tokens/s',
    1,
  );
  tell(
    `what ${name} costs`,
    measured.map((each) => each.cost),
    '%',
  );
}

console.log(`${provenance(addon)}\n${model.info.name}, ${folder}`);
await files();
await processorTime();
await forks();
await cost('a keep at each boundary', turn, 200, pairs);
await cost('a keep every 50 tokens', part, 50, 4 * pairs); // short, so that neighbours have the same machine
rmSync(folder, { recursive: true });
if (values.json) {
  const medians = Object.fromEntries(Object.entries(figures).map(([name, all]) => [name, median(all)]));
  writeFileSync(
    values.json,
    `${JSON.stringify({ machine: provenance(addon), medians, figures }, null, 2)}\n`,
  );
}
await engine.close();
