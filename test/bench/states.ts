/**
 * What a state costs: keep, save, load, fork, and what keeping takes from decoding. The decode figures are pairs of the
 * same work with and without a keep, alternating in one run, so that drift cancels.
 * usage: node test/bench/states.ts [--json FILE] [--folder FOLDER] [--pairs N]
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
  const [keep, blocked, idle, save, load]: number[][] = [[], [], [], [], []];
  let bytes = 0;
  for (let run = -3; run < runs; run++) {
    await state.feed(next(4)).done;
    const [idleMs] = await timed(() => state.info());
    const keeping = timed(() => state.keep(folder, 'note'));
    // The engine's answer to a question that was put right behind the keep: what the keep held its thread for.
    const [blockedMs] = await timed(() => state.info());
    const [keepMs, { file }] = await keeping;
    const [saveMs] = await timed(() => state.save(join(folder, 'saved.safetensors'), 'note'));
    const [loadMs, { state: loaded }] = await timed(() => model.loadState(join(folder, file)));
    await loaded.free();
    bytes = statSync(join(folder, file)).size;
    rmSync(join(folder, file));
    if (run < 0) continue; // warm-up
    keep?.push(keepMs);
    blocked?.push(blockedMs - idleMs);
    save?.push(saveMs);
    load?.push(loadMs);
    idle?.push(idleMs);
  }
  console.log(`file ${(bytes / 2 ** 20).toFixed(2)} MiB`);
  figures['file bytes'] = [bytes];
  tell('keep, to its promise', keep ?? [], 'ms');
  tell('keep, on the engine thread', blocked ?? [], 'ms', 3);
  tell('save', save ?? [], 'ms');
  tell('load', load ?? [], 'ms');
}

async function forks(): Promise<void> {
  await state.info();
  const before = addon.memory().activeBytes;
  const [ms, made] = await timed(async () => {
    const all: State[] = [];
    for (let i = 0; i < 100; i++) all.push(await state.fork());
    return all;
  });
  const grown = addon.memory().activeBytes - before;
  await Promise.all(made.map((each) => each.free()));
  tell('fork', [ms / 100], 'ms', 3);
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

/** 200 tokens in four parts, each followed at once by the next; ms of it all. */
async function parts(keeps: boolean): Promise<number> {
  const own = await state.fork();
  await own.feed(next(40)).done;
  const kept = [];
  const began = performance.now();
  for (let part = 0; part < 4; part++) {
    if (keeps) kept.push(own.keep(folder, `part ${part}`));
    await reply(own, 50);
  }
  const ms = performance.now() - began;
  for (const { file } of await Promise.all(kept)) rmSync(join(folder, file), { force: true });
  await own.free();
  return ms;
}

async function cost(name: string, work: (keeps: boolean) => Promise<number>): Promise<void> {
  const [without, ratios]: number[][] = [[], []];
  for (let pair = -1; pair < pairs; pair++) {
    const first = pair % 2 === 0; // the order alternates too
    const a = await work(first);
    const b = await work(!first);
    if (pair < 0) continue; // warm-up
    without?.push(200_000 / (first ? b : a));
    ratios?.push(100 * (first ? a / b - 1 : b / a - 1));
  }
  tell(`decode without a keep (${name})`, without ?? [], 'tokens/s', 1);
  tell(`what ${name} cost`, ratios ?? [], '%');
}

console.log(`${provenance(addon)}\n${model.info.name}, ${folder}`);
await files();
await forks();
await cost('a keep at each boundary', turn);
await cost('a keep every 50 tokens', parts);
rmSync(folder, { recursive: true });
if (values.json) {
  const medians = Object.fromEntries(Object.entries(figures).map(([name, all]) => [name, median(all)]));
  writeFileSync(
    values.json,
    `${JSON.stringify({ machine: provenance(addon), medians, figures }, null, 2)}\n`,
  );
}
await engine.close();
