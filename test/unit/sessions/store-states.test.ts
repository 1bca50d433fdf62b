import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../../electron/core/sessions/rows.ts';
import { openStore } from '../../../electron/core/sessions/store.ts';
import { aCheckpoint, aPoint, aSession, aTurn, chain } from './some-rows.ts';

let folder: string;
let store: Store;
const path = () => join(folder, 'llamba.db');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'llamba-store-'));
  store = openStore(path());
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** What the disk has, not what this connection remembers. */
function reopen(): void {
  store.close();
  store = openStore(path());
}

describe('points', () => {
  test('come back id for id, and are replaced by longer ones', () => {
    const { id, turns } = chain(store, 2);
    const [user = '', reply = ''] = turns;
    const ids = Int32Array.from({ length: 1001 }, (_, i) => i * 131 - 7);
    store.putPoint(aPoint(user, null));
    store.putPoint(aPoint(reply, user, { ids: ids.subarray(1, 4), tokens: 6 }));
    store.putPoint(aPoint(reply, user, { ids, tokens: 1004 }));
    store.putPoint(aPoint(user, null, { model: 'another', tokens: 9 }));
    reopen();
    expect(store.point(reply, 'model')).toEqual(aPoint(reply, user, { ids, tokens: 1004 }));
    expect(store.point(reply, 'another')).toBeNull();
    const heads = store.points(id, 'model');
    expect(heads.map(({ turn, tokens }) => [turn, tokens])).toEqual([
      [user, 3],
      [reply, 1004],
    ]);
    expect(heads[0]).not.toHaveProperty('ids');
  });

  test('stand at a turn, after another point', () => {
    const { turns } = chain(store, 2);
    const refused = expect.objectContaining({ code: 'turn-not-found' });
    expect(() => store.putPoint(aPoint('nobody', null))).toThrow(refused);
    expect(() => store.putPoint(aPoint(turns[1] ?? '', turns[0] ?? ''))).toThrow(refused);
    expect(() => store.putCheckpoint(aCheckpoint(turns[0] ?? ''))).toThrow(refused);
  });
});

describe('checkpoints', () => {
  test('are listed with their place in the tree', () => {
    const { id, turns } = chain(store, 4, aSession({ pinned: true }));
    const [a = '', b = '', c = '', d = ''] = turns;
    const branch = aTurn(id, a);
    store.addTurn(branch);
    for (const turn of [...turns, branch.id]) {
      store.putPoint(aPoint(turn, null));
      store.putCheckpoint(aCheckpoint(turn));
    }
    const told = () =>
      Object.fromEntries(store.places().map(({ turn, distance, branches }) => [turn, [distance, branches]]));
    expect(told()).toEqual({
      [a]: [3, true],
      [b]: [2, false],
      [c]: [1, false],
      [d]: [0, false],
      [branch.id]: [null, false],
    });
    expect(store.places()[0]).toEqual({
      ...aCheckpoint(a),
      session: id,
      pinned: true,
      distance: 3,
      branches: true,
    });
    store.writeTurn(branch.id, { deletedAt: 5 });
    expect(told()[a]).toEqual([3, false]);
    store.changeSession(id, { deletedAt: 5 });
    expect(store.places()[0]).toMatchObject({ distance: null, pinned: false });
  });

  test('share files: each counts once, and is forgotten everywhere', () => {
    const { id, turns } = chain(store, 3);
    for (const turn of turns) store.putPoint(aPoint(turn, null));
    const [a = '', b = '', c = ''] = turns;
    store.putCheckpoint(aCheckpoint(a, { file: 'x', bytes: 10 }));
    store.putCheckpoint(aCheckpoint(b, { file: 'x', bytes: 10 }));
    store.putCheckpoint(aCheckpoint(c, { file: 'y', bytes: 7 }));
    expect(store.usage()).toEqual({ bytes: 17, count: 2 });
    expect(store.files()).toEqual(new Set(['x', 'y']));
    store.usedCheckpoint(c, 'model', 4242);
    store.dropFiles(['x']);
    reopen();
    expect(store.checkpoints(id, 'model')).toEqual([aCheckpoint(c, { file: 'y', bytes: 7, usedAt: 4242 })]);
    store.dropCheckpoint(c, 'model');
    expect(store.usage()).toEqual({ bytes: 0, count: 0 });
    expect(store.point(c, 'model')).not.toBeNull();
  });
});
