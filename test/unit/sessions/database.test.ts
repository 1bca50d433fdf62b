import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../../electron/core/sessions/database.ts';
import type { Damaged } from '../../../electron/core/sessions/files.ts';
import { migrations } from '../../../electron/core/sessions/migrations.ts';
import { openStore } from '../../../electron/core/sessions/store.ts';
import { seeded } from '../../user/seeded.ts';
import { aSession, aTurn } from './some-rows.ts';

let folder: string;
const path = () => join(folder, 'llamba.db');
const names = () => readdirSync(folder).sort();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'llamba-database-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A database with one session of 200 turns; its file is whole and has no log. */
function written(): string {
  const store = openStore(path());
  const session = aSession({ title: 'kept' });
  store.transaction(() => {
    store.addSession(session);
    for (let i = 0; i < 200; i++) store.addTurn(aTurn(session.id, null, { text: `turn ${i} `.repeat(50) }));
  });
  store.close();
  return session.id;
}

/** Opens it, and gives what was said to be damaged. */
function damagedAtOpening(): Damaged[] {
  const damaged: Damaged[] = [];
  openStore(path(), { onDamaged: (found) => damaged.push(found) }).close();
  return damaged;
}

describe('a damaged database is set aside, whatever was done to it', () => {
  const faults: Record<string, () => void> = {
    'overwritten at its beginning': () => overwrite(0, 4096),
    'overwritten inside': () => overwrite(20_000, 30_000),
    'cut off': () => truncateSync(path(), 40_000),
    'cut off within a page': () => truncateSync(path(), 2000),
    emptied: () => truncateSync(path(), 0),
    'a text file': () => writeFileSync(path(), 'My sessions'),
    'of another app': () => {
      rmSync(path());
      const other = new DatabaseSync(path());
      other.exec('CREATE TABLE sessions (id TEXT)');
      other.close();
    },
  };

  function overwrite(from: number, length: number) {
    const bytes = readFileSync(path());
    bytes.fill(0xa5, from, from + length);
    writeFileSync(path(), bytes);
  }

  for (const [name, fault] of Object.entries(faults)) {
    test(name, () => {
      written();
      fault();
      const bytes = readFileSync(path());
      const [damaged, ...more] = damagedAtOpening();
      expect(more).toEqual([]);
      expect(damaged?.error.code).toBe('storage-damaged');
      expect(damaged?.path).toMatch(/llamba-damaged-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z\.db$/);
      expect(bytes.equals(readFileSync(damaged?.path ?? ''))).toBe(true);
      expect(damagedAtOpening()).toEqual([]);
    });
  }

  test('its log goes with it', () => {
    written();
    const store = openStore(path());
    store.putSetting('in', 'the log');
    copyFileSync(path(), `${path()}.copy`);
    copyFileSync(`${path()}-wal`, `${path()}.copy-wal`);
    store.close();
    const damagedCopy = `${path()}.copy`;
    truncateSync(damagedCopy, 100);
    const damaged: Damaged[] = [];
    openDatabase(damagedCopy, { onDamaged: (found) => damaged.push(found) }).close();
    expect(existsSync(`${damaged[0]?.path}-wal`)).toBe(true);
  });

  test('a log that is left alone is set aside, not read into a new database', () => {
    const store = openStore(path());
    store.putSetting('of', 'another life');
    copyFileSync(`${path()}-wal`, join(folder, 'kept-wal'));
    store.close();
    rmSync(path());
    copyFileSync(join(folder, 'kept-wal'), `${path()}-wal`);
    const [damaged] = damagedAtOpening();
    expect(damaged?.error.message).toContain('only its log is left');
    expect(existsSync(`${damaged?.path}-wal`)).toBe(true);
    const again = openStore(path());
    expect(again.setting('of')).toBeNull();
    again.close();
  });
});

describe('versions', () => {
  const next = [...migrations, `ALTER TABLE sessions ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'`];

  test('an older database is backed up, then brought to the latest version', () => {
    const id = written();
    openDatabase(path(), { migrations: next }).close();
    for (const name of names()) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    const read = (file: string) => {
      const db = new DatabaseSync(join(folder, file));
      const row = db.prepare('SELECT * FROM sessions WHERE id = ?').get(id);
      const { user_version: version } = db.prepare('PRAGMA user_version').get() ?? {};
      const found = db.prepare(`SELECT rowid FROM textIndex WHERE textIndex MATCH 'turn'`).all();
      db.close();
      return { ...row, version, found: found.length };
    };
    expect(read('llamba.db')).toMatchObject({ title: 'kept', mood: 'calm', version: 2, found: 200 });
    expect(read('llamba.db.before-v2')).toMatchObject({ title: 'kept', version: 1, found: 200 });
    expect(read('llamba.db.before-v2')).not.toHaveProperty('mood');
    expect(names()).toEqual(['llamba.db', 'llamba.db.before-v2']);
  });

  test('a migration that fails leaves the old version, and can be made again', () => {
    const id = written();
    const failing = [...next, 'INSERT INTO nowhere VALUES (1)'];
    expect(() => openDatabase(path(), { migrations: failing })).toThrow(
      expect.objectContaining({ code: 'internal' }),
    );
    const store = openStore(path());
    expect(store.session(id)?.title).toBe('kept');
    store.close();
    openDatabase(path(), { migrations: next }).close();
  });

  test('a migration that orphans rows is undone', () => {
    written();
    const orphaning = [...migrations, 'DELETE FROM sessions'];
    expect(() => openDatabase(path(), { migrations: orphaning })).toThrow('belongs to nothing');
    expect(damagedAtOpening()).toEqual([]);
    const store = openStore(path());
    expect(store.sessions()).toHaveLength(1);
    store.close();
  });

  test('a database of a newer version is refused and left as it is', () => {
    written();
    openDatabase(path(), { migrations: next }).close();
    const bytes = readFileSync(path());
    expect(() => openStore(path())).toThrow(expect.objectContaining({ code: 'unsupported' }));
    expect(bytes.equals(readFileSync(path()))).toBe(true);
  });

  test('what a killed backup or creation left is no hindrance', () => {
    written();
    writeFileSync(`${path()}.before-v2.tmp`, 'half a back');
    writeFileSync(`${path()}.new`, 'half a data');
    openDatabase(path(), { migrations: next }).close();
    expect(names()).toEqual(['llamba.db', 'llamba.db.before-v2', 'llamba.db.new']);
    rmSync(path());
    expect(damagedAtOpening()).toEqual([]);
    expect(names()).toEqual(['llamba.db', 'llamba.db.before-v2']);
  });

  test('killed at any moment of it, the database has the old version or the new, whole', async () => {
    const store = openStore(path());
    const session = aSession();
    store.transaction(() => {
      store.addSession(session);
      for (let i = 0; i < 10_000; i++)
        store.addTurn(aTurn(session.id, null, { text: `turn ${i} `.repeat(20) }));
    });
    store.close();
    const random = seeded(5);
    let killed = 0;
    for (let i = 0; i < 6; i++) {
      const child = fork(fileURLToPath(new URL('./migrate.ts', import.meta.url)), [path()]);
      await once(child, 'message');
      setTimeout(() => child.kill('SIGKILL'), 400 * random.next());
      const [code] = await once(child, 'exit');
      if (code === null) killed++;
      const db = new DatabaseSync(path());
      expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      const { user_version: version } = db.prepare('PRAGMA user_version').get() ?? {};
      const marked = db.prepare(`SELECT count(*) AS count FROM turns WHERE text LIKE 'new %'`).get();
      expect([0, 10_000]).toContain(marked?.count);
      expect(version).toBe(marked?.count === 0 ? 1 : 2);
      if (existsSync(`${path()}.before-v2`)) {
        const backup = new DatabaseSync(`${path()}.before-v2`);
        expect(backup.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
        expect(backup.prepare('SELECT count(*) AS count FROM turns').get()).toEqual({ count: 10_000 });
        backup.close();
      }
      db.close();
      if (version === 2) copyFileSync(`${path()}.before-v2`, path());
    }
    expect(killed).toBeGreaterThan(0);
  });
});
