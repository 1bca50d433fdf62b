import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportName, exportSession, importSession } from '../../../electron/core/sessions/exchange.ts';
import { openStore } from '../../../electron/core/sessions/store.ts';
import { seeded } from '../../user/seeded.ts';
import { aCheckpoint, aSession, aTurn } from './some-rows.ts';
import {
  aShelf,
  asImported,
  exported,
  filesOf,
  pieces,
  type TestShelf,
  told,
  written,
} from './some-session.ts';

let here: TestShelf;
let there: TestShelf;
beforeEach(() => {
  here = aShelf();
  there = aShelf();
});
afterEach(() => {
  here.close();
  there.close();
});

describe('Markdown', () => {
  test('has the active branch, and nothing that is deleted', async () => {
    const { id } = written(here);
    expect((await exported(here, id, 'markdown')).toString()).toBe(
      '# Llamas & "others" 🦙\n\n> Be brief.\n\n## You\n\nWhy?\n\n# Not a heading\n\n## Llamba\n\nBecause.\n\n## You\n\nAnd then?\n',
    );
  });

  test('says what was cut short', async () => {
    const { id, two } = written(here);
    here.store.changeSession(id, { leaf: two });
    expect((await exported(here, id, 'markdown')).toString()).toMatch(/\n\*\(cut short\)\*\n$/);
  });
});

describe('JSON', () => {
  test('comes back with the whole tree, under new ids, next to the first', async () => {
    const session = written(here);
    const bytes = await exported(here, session.id, 'json');
    expect(bytes.toString()).not.toMatch(/not yet sent|secret/);
    const ids = [await importSession(here, pieces(bytes)), await importSession(here, pieces(bytes))];
    for (const id of ids) {
      const { points: _, states: __, ...imported } = told(here, id);
      const { points: ___, states: ____, ...first } = asImported(told(here, session.id));
      expect(imported).toEqual(first);
    }
    expect(new Set([session.id, ...ids]).size).toBe(3);
    expect(here.store.search('because', 9)).toHaveLength(3);
  });

  test('comes back where a message hangs below another, whose reply was deleted', async () => {
    const { id, ask } = written(here);
    here.store.addTurn(aTurn(id, ask, { text: 'And besides?' }));
    const imported = await importSession(there, pieces(await exported(here, id, 'json')));
    expect(there.store.turns(imported).at(-1)).toMatchObject({ role: 'user', text: 'And besides?' });
  });
});

describe('.llamba', () => {
  test('comes back with points and states, and shares the files of an earlier import', async () => {
    const session = written(here);
    const bytes = await exported(here, session.id, 'llamba');
    expect(bytes.includes('secret')).toBe(false);
    const first = asImported(told(here, session.id));
    for (let i = 0; i < 2; i++) {
      const id = await importSession(there, pieces(bytes, seeded(i)));
      expect(told(there, id)).toEqual(first);
      expect(filesOf(there)).toHaveLength(2);
      expect(new Set(filesOf(there))).toEqual(there.store.files());
    }
    expect(there.store.usage()).toEqual({ bytes: 300_010, count: 2 });
  });

  test('without the states whose files are lost or cut off', async () => {
    const session = written(here);
    const { points } = told(here, session.id);
    rmSync(join(here.states, '11bb11bb11bb11bb.safetensors'));
    truncateSync(join(here.states, '00aa00aa00aa00aa.safetensors'), 299_999);
    const id = await importSession(there, [await exported(here, session.id, 'llamba')]);
    expect(told(there, id).states.flat()).toEqual([]);
    expect(told(there, id).points).toEqual(points);
    expect(filesOf(there)).toEqual([]);
  });

  test('into memory without the files', async () => {
    const memory = { store: openStore(':memory:'), states: null };
    const id = await importSession(memory, [await exported(here, written(here).id, 'llamba')]);
    expect(memory.store.turns(id)).toHaveLength(4);
    expect(memory.store.points(id, 'model')).toHaveLength(3);
    expect(memory.store.files().size).toBe(0);
    memory.store.close();
  });

  test('is written as it is read, however large the states are', async () => {
    const session = written(here);
    const bytes = 20 * 2 ** 20;
    const file = '33dd33dd33dd33dd.safetensors';
    writeFileSync(join(here.states, file), Buffer.alloc(bytes, 7));
    here.store.putCheckpoint(aCheckpoint(session.one, { file, bytes }));
    const onDisk = () =>
      filesOf(there).reduce((sum, name) => sum + statSync(join(there.states, name)).size, 0);
    let given = 0;
    let held = 0;
    const watched = (async function* () {
      for await (const piece of exportSession(here, here.store.session(session.id) ?? aSession(), 'llamba')) {
        held = Math.max(held, given - onDisk(), piece.length);
        given += piece.length;
        yield piece;
      }
    })();
    await importSession(there, watched);
    expect(given).toBeGreaterThan(bytes);
    expect(there.store.usage().bytes).toBe(bytes + 300_000);
    expect(held).toBeLessThanOrEqual(2 ** 18);
  });

  test('a source that fails leaves nothing, and its own error', async () => {
    const bytes = await exported(here, written(here).id, 'llamba');
    const failing = (function* () {
      yield bytes.subarray(0, 200_000);
      throw new Error('pulled out');
    })();
    await expect(importSession(there, failing)).rejects.toThrow('pulled out');
    expect(filesOf(there)).toEqual([]);
  });

  test('rows that cannot be written leave no files, but those that others need', async () => {
    const bytes = await exported(here, written(here).id, 'llamba');
    const id = await importSession(there, [bytes]);
    const files = filesOf(there);
    const store = {
      ...there.store,
      putCheckpoint: () => {
        throw new Error('full');
      },
    };
    await expect(importSession({ ...there, store }, [bytes])).rejects.toThrow('full');
    expect(filesOf(there)).toEqual(files);
    expect(there.store.sessions().map((row) => row.id)).toEqual([id]);
    there.store.removeSession(id);
    for (const file of files) rmSync(join(there.states, file));
    await expect(importSession({ ...there, store }, [bytes])).rejects.toThrow('full');
    expect(filesOf(there)).toEqual([]);
  });
});

test('files are named after the title', () => {
  expect(exportName({ title: 'On llamas: a/b\\c?' }, 'markdown')).toBe('On llamas a b c.md');
  expect(exportName({ title: '' }, 'llamba')).toBe('Session.llamba');
  expect(exportName({ title: '../..' }, 'json')).toBe('Session.json');
  expect(exportName({ title: '🦙'.repeat(100) }, 'json')).toBe(`${'🦙'.repeat(60)}.json`);
});
