import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { releasing, type Shelf, sweep } from '../../../electron/core/sessions/shelf.ts';
import { openStore } from '../../../electron/core/sessions/store.ts';
import { aCheckpoint, aPoint, chain } from './some-rows.ts';

let folder: string;
let shelf: Shelf & { readonly states: string };
let turns: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'llamba-shelf-'));
  const states = join(folder, 'states');
  mkdirSync(states);
  shelf = { store: openStore(join(folder, 'llamba.db')), states };
  ({ turns } = chain(shelf.store, 3));
  for (const turn of turns) shelf.store.putPoint(aPoint(turn, null));
});
afterEach(() => {
  shelf.store.close();
  rmSync(folder, { recursive: true });
});

const files = () => readdirSync(shelf.states).sort();
const lay = (...names: string[]) => {
  for (const name of names) writeFileSync(join(shelf.states, name), 'state');
};
const name = (turn: number, file: string) =>
  shelf.store.putCheckpoint(aCheckpoint(turns[turn] ?? '', { file }));

describe('releasing', () => {
  it('removes a file when the last checkpoint that needs it goes', () => {
    lay('shared', 'own');
    name(0, 'shared');
    name(1, 'shared');
    name(2, 'own');
    releasing(shelf, () => shelf.store.dropCheckpoint(turns[0] ?? '', 'model'));
    expect(files()).toEqual(['own', 'shared']);
    releasing(shelf, () => shelf.store.dropCheckpoint(turns[1] ?? '', 'model'));
    expect(files()).toEqual(['own']);
  });
  it('removes nothing when the rows stay as they were', () => {
    lay('own');
    name(0, 'own');
    const failing = () =>
      releasing(shelf, () => {
        shelf.store.dropFiles(['own']);
        throw new Error('no');
      });
    expect(failing).toThrow('no');
    expect(files()).toEqual(['own']);
    expect(shelf.store.files()).toEqual(new Set(['own']));
  });
});

describe('the sweep at start', () => {
  it('removes what no checkpoint names, and forgets checkpoints whose files are gone', () => {
    lay('kept', 'orphan', 'half.tmp', 'kept-damaged-2026');
    name(0, 'kept');
    name(1, 'lost');
    sweep(shelf.store, shelf.states);
    expect(files()).toEqual(['kept', 'kept-damaged-2026']);
    expect(shelf.store.files()).toEqual(new Set(['kept']));
  });
});
