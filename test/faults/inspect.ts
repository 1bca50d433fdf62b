/** What must hold of a data folder after a kill, looked at before, during and after the next start. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../../electron/core/sessions/rows.ts';
import { openStore } from '../../electron/core/sessions/store.ts';
import type { Random } from '../user/seeded.ts';
import { coreAt, endless, greedy } from './core.ts';
import type { Killed } from './killed.ts';
import { missing, seenTurns } from './lines.ts';
import { type Reader, stateFile } from './reread.ts';

/** At most the last second of a reply is lost; half a second more for a disk that is slow to sync. */
const safeMs = 1500;
/** Between a state that was stepped and the same that was read in chunks: log-probabilities. */
const tolerance = 2e-3;
const resumedTokens = 6;

/** Opens the store as the next start would; throws when it is damaged. */
async function withStore<T>(data: string, work: (store: Store) => T | Promise<T>): Promise<T> {
  const onDamaged = ({ error }: { error: { message: string } }) => {
    throw new Error(`the database is damaged: ${error.message}`);
  };
  const store = openStore(join(data, 'llamba.db'), { onDamaged });
  try {
    return await work(store);
  } finally {
    store.close();
  }
}

/** Everything that is wrong; nothing, when all is well. */
export async function faultsOf(
  place: { data: string; models: string },
  killed: Killed,
  reader: Reader,
  random: Random,
): Promise<string[]> {
  const { data, models } = place;
  // Rows never name a file that is not there, even before the next start has looked: files come first and go last.
  const wrong = await withStore(data, (store) => [...lostTurns(store, killed), ...missingFiles(data, store)]);
  const resumed = await resumeOne(data, models, random, wrong);
  await withStore(data, async (store) => {
    wrong.push(...strayFiles(data, store), ...missingFiles(data, store));
    if (resumed !== null) wrong.push(...(await resumedWrongly(store, resumed, reader)));
    wrong.push(...(await wrongCheckpoints(data, store, reader, random)));
  });
  return wrong;
}

function lostTurns(store: Store, { lines, at }: Killed): string[] {
  return [...seenTurns(lines, at - safeMs)].flatMap(([id, seen]) => {
    const fault = missing(seen, store.turn(id)?.text ?? null);
    return fault === null ? [] : [`turn ${id}: ${fault}`];
  });
}

/** Starts the core again, has one reply written, and ends it; gives the reply's turn. */
async function resumeOne(
  data: string,
  models: string,
  random: Random,
  wrong: string[],
): Promise<string | null> {
  const core = coreAt(data, models);
  try {
    const rpc = core.connect();
    await core.load(endless);
    const { sessions } = await rpc.call('sessions.list', {});
    const storage = await rpc.call('storage.get', {});
    if (storage.phase !== 'ready') wrong.push(`storage is ${storage.phase}`);
    if (storage.damaged.length > 0) wrong.push(`damaged: ${JSON.stringify(storage.damaged)}`);
    if (sessions.length === 0) return null;
    const session = await rpc.call('sessions.get', { session: random.pick(sessions).id });
    const turn = session.turns.findLast(({ role }) => role === 'user');
    if (session.turns.some(({ status }) => status === 'writing')) wrong.push('a dead reply is being written');
    if (!turn) return null;
    const sampling = { ...greedy, maxTokens: resumedTokens };
    const params = { session: session.id, turn: turn.id, sampling };
    const after = await rpc.stream('turns.reply', params, () => undefined);
    return after.turns.at(-1)?.id ?? null;
  } finally {
    await core.close();
  }
}

const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);

function missingFiles(data: string, store: Store): string[] {
  const there = new Set(namesIn(join(data, 'states')));
  return [...store.files()].filter((file) => !there.has(file)).map((file) => `states/${file} is missing`);
}

/** States that no row names, and whatever else a dead process began. */
function strayFiles(data: string, store: Store): string[] {
  const named = store.files();
  return [
    ...namesIn(join(data, 'states'))
      .filter((file) => !named.has(file))
      .map((file) => `states/${file} is stray`),
    ...namesIn(join(data, 'incoming')).map((file) => `incoming/${file} is left`),
  ];
}

/** The reply says what a state says that has read everything anew. */
async function resumedWrongly(store: Store, reply: string, reader: Reader): Promise<string[]> {
  const point = store.point(reply, reader.model.info.fingerprint);
  if (!point?.from) return [`the reply ${reply} has no point`];
  const state = await reader.read(reader.idsTo(store, point.from));
  const expected = await reader.greedy(state, resumedTokens);
  await state.free();
  const same = expected.join() === [...point.ids].join();
  return same ? [] : [`resumed with ${point.ids.join()}, read anew it says ${expected.join()}`];
}

/** Every file loads; some are held against a reading anew. */
async function wrongCheckpoints(
  data: string,
  store: Store,
  reader: Reader,
  random: Random,
): Promise<string[]> {
  const wrong: string[] = [];
  const places = store.places();
  const compared = new Set(places.length > 0 ? [1, 2, 3].map(() => random.pick(places)) : []);
  for (const place of places) {
    const kept = await reader.loadState(stateFile(data, place.file)).catch((error: Error) => error);
    if (kept instanceof Error) {
      wrong.push(`states/${place.file}: ${kept.message}`);
      continue;
    }
    if (compared.has(place)) {
      const anew = await reader.read(reader.idsTo(store, place.turn));
      const [a, b] = [await reader.fingerprint(kept), await reader.fingerprint(anew)];
      const off = Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))));
      if (!(off < tolerance)) wrong.push(`the state of turn ${place.turn} is off by ${off}`);
      await anew.free();
    }
    await kept.free();
  }
  return wrong;
}
