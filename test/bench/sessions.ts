/**
 * What a state for every message is worth: regenerate, edit, fork and reopen in a session of 100,000 tokens.
 * The session is read once and its data folder kept in .cache; measuring changes only a copy of it.
 * usage: node test/bench/sessions.ts [--runs N] [--tokens N] [--json]
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Core, createCore } from '../../electron/core/core.ts';
import { spawnEngine } from '../../electron/engine/spawn.ts';
import { parseOptions } from '../../electron/headless/options.ts';
import type { Contract, ReplyItem, Session } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { seeded, someWords } from '../user/seeded.ts';
import { median, modelPath, provenance, summary } from './measure.ts';

const given = parseOptions(process.argv.slice(2), {
  runs: { kind: 'integer', help: '' },
  tokens: { kind: 'integer', help: '' },
  json: { kind: 'flag', help: '' },
});
const runs = given.runs ?? 15;
const tokens = given.tokens ?? 100_000;
/** User turns in which the context is read. */
const turns = 20;
const greedy = { temperature: 0, maxTokens: 8 };

/** One after the other: each has the data folder for itself. */
const cores: Core[] = [];
async function start(data: string): Promise<Client<Contract>> {
  await cores.pop()?.close();
  const core = createCore({
    host: 'cli',
    version: '0',
    data,
    models: [{ path: join(modelPath, '..'), embedded: true }],
    startEngine: () => spawnEngine(),
    loadAtStart: false,
  });
  cores.push(core);
  await core.load(modelPath);
  return core.connect();
}

async function ready() {
  const [core] = cores;
  if (!core) throw new Error('there is no core');
  return core.ready();
}

/** Reads the long session under another name, so that one that was interrupted is not taken for whole. */
async function build(folder: string): Promise<void> {
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const rpc = await start(part);
  const { tokenizer } = await ready();
  const random = seeded(1);
  const { id: session } = await rpc.call('sessions.create', { system: null });
  for (let i = 0; i < turns; i++) {
    let text = '';
    while (tokenizer.encodeAlone(text).length < tokens / turns) text += `${someWords(random, 200)}.\n`;
    const begun = performance.now();
    await rpc.stream('sessions.send', { session, text, sampling: greedy }, () => undefined);
    console.error(`reading, turn ${i + 1} of ${turns}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  }
  await cores.pop()?.close();
  renameSync(part, folder);
}

const longSession = async (rpc: Client<Contract>): Promise<Session> => {
  const [one] = (await rpc.call('sessions.list', {})).sessions;
  return rpc.call('sessions.get', { session: one?.id ?? '' });
};

const figures: Record<string, number[]> = {};
function note(name: string, value: number) {
  figures[name] ??= [];
  figures[name].push(value);
}

/** ms from the call to the first piece of text: the first token, and at most 16 ms until it is passed on. */
async function toFirstText(write: (on: (item: ReplyItem) => void) => Promise<Session>) {
  const begun = performance.now();
  let first = 0;
  const { turns } = await write(({ type }) => {
    if (type === 'text') first ||= performance.now();
  });
  return { ms: first - begun, stats: turns.at(-1)?.stats };
}

/** A new core with the model loaded and nothing else; what it takes to stand at the end of the session. */
async function reopen(data: string, count: number): Promise<Client<Contract>> {
  for (let i = -1; ; i++) {
    const rpc = await start(data);
    const { sessions } = await rpc.call('sessions.list', {});
    const session = sessions[0]?.id ?? '';
    const begun = performance.now();
    await rpc.call('sessions.get', { session });
    const got = performance.now();
    await rpc.stream('sessions.prepare', { session }, () => undefined);
    if (i >= 0) {
      note('reopen after a restart: sessions.get', got - begun);
      note('reopen after a restart: get and prepare', performance.now() - begun);
    }
    if (i === count - 1) return rpc;
  }
}

/** `turnOf`: which of the user's turns is answered once more in run i. */
async function regenerate(
  rpc: Client<Contract>,
  session: Session,
  name: string,
  turnOf: (i: number) => string | undefined,
) {
  for (let i = -1; i < runs; i++) {
    const turn = turnOf(i + 1) ?? '';
    const params = { session: session.id, turn, sampling: greedy };
    const { ms, stats } = await toFirstText((on) => rpc.stream('turns.reply', params, on));
    if (stats?.promptTokens !== 0) throw new Error(`${name}: ${stats?.promptTokens} tokens were read again`);
    if (i >= 0) note(name, ms);
  }
}

async function edit(rpc: Client<Contract>, session: Session) {
  const parent = session.turns.findLast(({ role }) => role === 'user')?.parent ?? null;
  for (let i = -1; i < runs; i++) {
    const params = { session: session.id, parent, text: `In other words, ${i}.`, sampling: greedy };
    const { ms, stats } = await toFirstText((on) => rpc.stream('sessions.send', params, on));
    if (i < 0) continue;
    note('edit a message: to the first text', ms);
    note('edit a message: tokens read', stats?.promptTokens ?? Number.NaN);
  }
}

async function fork(rpc: Client<Contract>, session: Session) {
  const turn = session.turns.at(-1)?.id ?? '';
  const engine = (await ready()).rpc;
  for (let i = -1; i < runs; i++) {
    const before = await rpc.call('storage.get', {});
    const { activeBytes } = await engine.call('memory', {});
    const begun = performance.now();
    const forked = await rpc.call('sessions.fork', { session: session.id, turn });
    const ms = performance.now() - begun;
    const after = await rpc.call('storage.get', {});
    const memory = await engine.call('memory', {});
    await rpc.call('sessions.delete', { session: forked.id });
    if (i < 0) continue;
    note('fork', ms);
    note('fork: bytes of memory', memory.activeBytes - activeBytes);
    note('fork: bytes of checkpoints', after.checkpointBytes - before.checkpointBytes);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'llamba-bench-'));
await start(join(folder, 'none'));
const { fingerprint } = await ready();
const built = fileURLToPath(new URL(`../../.cache/bench-sessions-${fingerprint}-${tokens}`, import.meta.url));
if (!existsSync(built)) await build(built);
const data = join(folder, 'data');
cpSync(built, data, { recursive: true });

const rpc = await reopen(data, runs);
const session = await longSession(rpc);
const length = session.turns.at(-1)?.stats?.stateTokens ?? 0;
const users = session.turns.filter(({ role }) => role === 'user').map(({ id }) => id);
await regenerate(rpc, session, 'regenerate, state in memory: to the first text', () => users.at(-1));
// More turns than the engine holds states, in a circle: each has gone when its turn comes.
await regenerate(rpc, session, 'regenerate, state on disk: to the first text', (i) =>
  users.at(-1 - (i % 16)),
);
await edit(rpc, session);
await fork(rpc, session);
await cores.pop()?.close();
rmSync(folder, { recursive: true });

if (given.json) {
  const medians = Object.fromEntries(Object.entries(figures).map(([name, values]) => [name, median(values)]));
  console.log(JSON.stringify({ machine: provenance(), tokens: length, runs, medians, figures }));
} else {
  console.log(`${provenance()}\n${length} tokens in ${session.turns.length} turns`);
  for (const [name, values] of Object.entries(figures)) {
    console.log(`${name}: ${summary(values, /bytes|tokens/.test(name) ? '' : 'ms')}`);
  }
}
process.exit(0);
