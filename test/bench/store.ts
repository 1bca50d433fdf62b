/**
 * What sessions on the disk cost: opening, listing, searching, reading one, flushing a reply.
 * usage: node test/bench/store.ts [SESSIONS] [TURNS of each]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../electron/core/sessions/store.ts';
import { thin } from '../../electron/core/sessions/thinning.ts';
import { aCheckpoint, aPoint, aSession, aTurn } from '../unit/sessions/some-rows.ts';
import { seeded } from '../user/seeded.ts';
import { provenance, summary } from './measure.ts';

const [sessions = 1000, turns = 20] = process.argv.slice(2).map(Number);
const random = seeded(1);
/** Words as often as in a language: the r-th word about 1/r of the time. */
const nth = (rank: number) => (Math.imul(rank, 0x9e3779b1) >>> 0).toString(36);
const word = () => nth(Math.floor(20_000 ** random.next()));
const prose = (length: number) => Array.from({ length }, word).join(' ');

const folder = mkdtempSync(join(tmpdir(), 'llamba-bench-'));
const path = join(folder, 'llamba.db');
let store = openStore(path);
const ids: string[] = [];
const last: string[] = [];
for (let i = 0; i < sessions; i++) {
  const session = aSession({ title: prose(4), updatedAt: i, system: prose(20) });
  store.transaction(() => {
    store.addSession(session);
    let parent: string | null = null;
    for (let j = 0; j < turns; j++) {
      const turn = aTurn(session.id, parent, {
        role: j % 2 ? 'assistant' : 'user',
        text: prose(j % 2 ? 250 : 40),
      });
      store.addTurn(turn);
      store.putPoint(aPoint(turn.id, parent, { ids: new Int32Array(j % 2 ? 320 : 60) }));
      if (j === turns - 1) store.putCheckpoint(aCheckpoint(turn.id, { bytes: 5e6 }));
      parent = turn.id;
    }
    store.changeSession(session.id, { leaf: parent });
    last.push(parent ?? '');
  });
  ids.push(session.id);
}
store.close();
console.log(
  `${provenance()}\n${sessions} sessions of ${turns} turns, ${(statSync(path).size / 2 ** 20).toFixed(0)} MiB`,
);

function measure(title: string, times: number, work: (i: number) => unknown): void {
  const ms: number[] = [];
  for (let i = -2; i < times; i++) {
    const start = performance.now();
    work(i + 2);
    if (i >= 0) ms.push(performance.now() - start);
  }
  console.log(`${title}: ${summary(ms, 'ms', 2)}`);
}

measure('open, checked', 5, () => {
  store = openStore(path);
  store.close();
});
store = openStore(path);
const some = () => random.between(0, sessions - 1);
measure('list all sessions', 50, () => store.sessions());
measure('search, a rare word', 50, () => store.search(nth(10_000 + random.between(0, 9999)), 50));
measure('search, the commonest word', 20, () => store.search(nth(1), 50));
measure('search, one letter typed', 20, (i) => store.search('abcdefghij'[i % 10] ?? '', 50));
measure('search, two common words', 20, (i) => store.search(`${nth(2 + i)} ${nth(1)}`, 50));
measure('turns of a session', 50, () => store.turns(ids[some()] ?? ''));
measure('points of a session', 50, () => store.points(ids[some()] ?? '', 'model'));
measure('places of all checkpoints', 5, () => store.places());
const places = store.places();
measure('thin to half', 5, () => thin(places, (sessions * 5e6) / 2));
const text = prose(1000);
const ids1000 = new Int32Array(1300);
measure('flush a reply, durable', 50, (i) =>
  store.transaction(() => {
    store.writeTurn(last[0] ?? '', { text: `${text} ${i}`, status: 'writing' });
    store.putPoint(aPoint(last[0] ?? '', null, { ids: ids1000 }));
  }),
);
store.close();
rmSync(folder, { recursive: true });
