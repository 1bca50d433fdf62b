import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

describe('sessions', () => {
  test('come back as they were written', () => {
    store.putFolder({ id: 'f', name: 'Work' });
    const row = aSession({
      title: 'On "quotes"',
      titledBy: 'user',
      folder: 'f',
      pinned: true,
      archived: true,
      model: 'm',
      system: 'Be\0brief.',
      sampling: { temperature: 0, stop: ['\n', '😀'] },
      preset: 'p',
      draft: 'half a th',
    });
    store.addSession(row);
    reopen();
    expect(store.session(row.id)).toEqual(row);
  });

  test('are listed latest first, without the deleted ones', () => {
    const [a, b, c] = [10, 30, 20].map((updatedAt) => aSession({ updatedAt }));
    for (const row of [a, b, c]) if (row) store.addSession(row);
    store.changeSession(c?.id ?? '', { deletedAt: 5 });
    expect(store.sessions().map(({ id }) => id)).toEqual([b?.id, a?.id]);
    expect(store.session(c?.id ?? '')).toBeNull();
    expect(store.session(c?.id ?? '', true)).toEqual({ ...c, deletedAt: 5 });
  });

  test('change in what is named and in nothing else', () => {
    const row = aSession({ title: 'old', system: 'S', sampling: { topK: 3 } });
    store.addSession(row);
    const change = { title: 'new', pinned: true, system: null, updatedAt: 77 };
    store.changeSession(row.id, change);
    reopen();
    expect(store.session(row.id)).toEqual({ ...row, ...change });
    expect(() => store.changeSession('nobody', change)).toThrow(
      expect.objectContaining({ code: 'session-not-found' }),
    );
  });

  test('move out of a folder that is removed', () => {
    store.putFolder({ id: 'f', name: 'Work' });
    const row = aSession({ folder: 'f' });
    store.addSession(row);
    store.removeFolder('f');
    expect(store.session(row.id)?.folder).toBeNull();
  });
});

describe('turns', () => {
  test('come back as they were written, oldest first', () => {
    const session = aSession();
    store.addSession(session);
    const user = aTurn(session.id, null, { text: 'Why?', createdAt: 9 });
    const reply = aTurn(session.id, user.id, {
      role: 'assistant',
      text: 'Because \u{1f999}',
      status: 'cut',
      edited: true,
      sampling: {
        temperature: 1,
        topK: 0,
        topP: 1,
        minP: 0,
        repetitionPenalty: 1,
        maxTokens: 5,
        seed: 3,
        stop: [],
      },
      model: 'm',
      error: { code: 'engine-gone', message: 'm', hint: 'h' },
      createdAt: 8, // a clock that was set back does not turn them round
    });
    store.addTurn(user);
    store.addTurn(reply);
    reopen();
    expect(store.turns(session.id)).toEqual([user, reply]);
    expect(store.turn(reply.id)).toEqual(reply);
    expect(store.turn('nobody')).toBeNull();
  });

  test('are hidden with all that hangs below, and come back', () => {
    const { id, turns } = chain(store, 5);
    store.writeTurn(turns[2] ?? '', { deletedAt: 5 });
    expect(store.turns(id).map((turn) => turn.id)).toEqual(turns.slice(0, 2));
    store.writeTurn(turns[2] ?? '', { deletedAt: null });
    expect(store.turns(id).map((turn) => turn.id)).toEqual(turns);
  });

  test('that were being written are cut at the next start', () => {
    const { turns } = chain(store, 2);
    store.writeTurn(turns[1] ?? '', { status: 'writing', text: 'So far' });
    reopen();
    expect(store.cutWriting()).toBe(1);
    expect(store.turn(turns[1] ?? '')).toMatchObject({ status: 'cut', text: 'So far' });
    expect(store.cutWriting()).toBe(0);
  });

  test('of nobody are refused', () => {
    expect(() => store.addTurn(aTurn('nobody', null))).toThrow(
      expect.objectContaining({ code: 'turn-not-found' }),
    );
    expect(() => store.writeTurn('nobody', { text: '' })).toThrow(
      expect.objectContaining({ code: 'turn-not-found' }),
    );
  });
});

describe('purging', () => {
  test('removes what was deleted before, however deep it hangs, with points and checkpoints', () => {
    const { id, turns } = chain(store, 5000);
    const [first = '', second = ''] = turns;
    store.putPoint(aPoint(first, null));
    store.putPoint(aPoint(second, first));
    store.putCheckpoint(aCheckpoint(first));
    store.putCheckpoint(aCheckpoint(second));
    store.writeTurn(second, { deletedAt: 100 });
    expect(store.purge(100)).toEqual([]);
    expect(store.turn(second)).not.toBeNull();
    expect(store.purge(101)).toEqual([]);
    expect(store.turns(id).map((turn) => turn.id)).toEqual([first]);
    expect(store.turn(turns.at(-1) ?? '')).toBeNull();
    expect(store.session(id)?.leaf).toBeNull();
    expect(store.files()).toEqual(new Set([`${first}.safetensors`]));
  });

  test('removes whole sessions and says which', () => {
    const { id, turns } = chain(store, 3000);
    const other = chain(store, 2);
    store.changeSession(id, { deletedAt: 100 });
    expect(store.purge(101)).toEqual([id]);
    expect(store.session(id, true)).toBeNull();
    expect(store.turn(turns[0] ?? '')).toBeNull();
    expect(store.turns(other.id)).toHaveLength(2);
  });
});

test('what was deleted for good is overwritten', () => {
  const session = aSession({ deletedAt: 5, system: 'a system line of its own' });
  const turn = aTurn(session.id, null, { text: 'words that nobody is to find again' });
  store.addSession(session);
  store.addTurn(turn);
  reopen();
  const found = () => [session.system ?? '', turn.text].map((text) => readFileSync(path()).includes(text));
  expect(found()).toEqual([true, true]);
  store.purge(6);
  reopen();
  expect(found()).toEqual([false, false]);
});

describe('a transaction', () => {
  test('is all or nothing, and what is inside belongs to it', () => {
    const row = aSession();
    const failure = new Error('no');
    expect(() =>
      store.transaction(() => {
        store.addSession(row);
        store.transaction(() => store.putSetting('a', '1'));
        throw failure;
      }),
    ).toThrow(failure);
    expect(store.session(row.id)).toBeNull();
    expect(store.setting('a')).toBeNull();
    expect(store.transaction(() => 5)).toBe(5);
  });

  test('undoes a part that failed when the whole goes on', () => {
    store.transaction(() => {
      store.putSetting('a', '1');
      expect(() =>
        store.transaction(() => {
          store.putSetting('a', '2');
          throw new Error('no');
        }),
      ).toThrow();
    });
    expect(store.setting('a')).toBe('1');
  });

  test('that leaves a row without what it belongs to is undone', () => {
    const row = aSession({ leaf: 'nobody' });
    expect(() => store.addSession(row)).toThrow(expect.objectContaining({ code: 'turn-not-found' }));
    store.transaction(() => store.putSetting('still', 'open'));
    expect(store.session(row.id)).toBeNull();
    expect(store.setting('still')).toBe('open');
  });
});

test('presets, folders and settings are kept, replaced and removed', () => {
  store.putPreset({ name: 'b', system: null, sampling: {} });
  store.putPreset({ name: 'A', system: 'S', sampling: { seed: null } });
  store.putPreset({ name: 'b', system: 'T', sampling: { topK: 1 } });
  store.putFolder({ id: '2', name: 'z' });
  store.putFolder({ id: '1', name: 'Y' });
  store.putSetting('draft', 'x');
  store.putSetting('draft', '');
  reopen();
  expect(store.presets()).toEqual([
    { name: 'A', system: 'S', sampling: { seed: null } },
    { name: 'b', system: 'T', sampling: { topK: 1 } },
  ]);
  expect(store.folders().map(({ id }) => id)).toEqual(['1', '2']);
  expect(store.setting('draft')).toBe('');
  store.removePreset('A');
  expect(store.presets()).toHaveLength(1);
});

test('a store in memory has the same calls and no file', () => {
  const memory = openStore(':memory:');
  const row = aSession();
  memory.addSession(row);
  expect(memory.session(row.id)).toEqual(row);
  expect(store.session(row.id)).toBeNull();
  memory.close();
});
