import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../../electron/core/sessions/database.ts';
import { importSession } from '../../../electron/core/sessions/exchange.ts';
import { migrations } from '../../../electron/core/sessions/migrations.ts';
import { takeOwnership } from '../../../electron/core/sessions/owner.ts';
import { openStore } from '../../../electron/core/sessions/store.ts';
import { aSession, aTurn } from './some-rows.ts';
import { aShelf, exported, written } from './some-session.ts';

const folder = mkdtempSync(join(tmpdir(), 'llamba-full-'));
const disk = join(folder, 'disk');
const path = join(disk, 'llamba.db');
const full = expect.objectContaining({ code: 'disk-full' });

/** A disk of 2 MiB; needs the right to mount. */
function mount(): boolean {
  mkdirSync(disk, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const canMount = mount();
if (canMount) execFileSync('umount', [disk]);
afterAll(() => rmSync(folder, { recursive: true }));

/** To the last byte; gives back the room again. */
function fill(): () => void {
  const filler = join(disk, 'filler');
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filler, Buffer.alloc(bavail * bsize));
  expect(statfsSync(disk).bavail).toBe(0);
  return () => rmSync(filler);
}

const title = `a full disk${canMount ? '' : ' (skipped: no right to mount a small one)'}`;
describe.skipIf(!canMount)(title, () => {
  beforeEach(() => {
    mount();
  });
  afterEach(() => {
    execFileSync('umount', ['-l', disk]);
  });

  test('is said, undoes what was begun, and when there is room the same call works', () => {
    const store = openStore(path);
    const session = aSession();
    store.addSession(session);
    const makeRoom = fill();
    const write = () =>
      store.transaction(() => {
        for (let i = 0; i < 50; i++)
          store.addTurn(aTurn(session.id, null, { id: `${i}`, text: 'x'.repeat(10_000) }));
      });
    for (let i = 0; i < 3; i++) expect(write).toThrow(full);
    expect(store.turns(session.id)).toEqual([]);
    expect(store.search('x', 5)).toEqual([]);
    makeRoom();
    write();
    expect(store.turns(session.id)).toHaveLength(50);
    store.close();
    const again = openStore(path);
    expect(again.turns(session.id)).toHaveLength(50);
    again.close();
  });

  test('with 0 bytes free, what is there opens and can be read', () => {
    const store = openStore(path);
    const session = aSession({ title: 'kept' });
    store.addSession(session);
    store.addTurn(aTurn(session.id, null, { text: 'said' }));
    store.close();
    fill();
    const ownership = takeOwnership(join(disk, 'owner.lock'));
    expect(ownership).not.toBeNull();
    const again = openStore(path);
    expect(again.session(session.id)?.title).toBe('kept');
    expect(again.search('said', 5)).toHaveLength(1);
    again.close();
    ownership?.release();
  });

  test('so does what was killed and left its log', () => {
    const store = openStore(path);
    store.putSetting('in', 'the log');
    // What kill -9 leaves: the files as they are while it is open.
    execFileSync('cp', [path, join(disk, 'killed.db')]);
    execFileSync('cp', [`${path}-wal`, join(disk, 'killed.db-wal')]);
    store.close();
    const makeRoom = fill();
    const killed = openStore(join(disk, 'killed.db'));
    expect(killed.setting('in')).toBe('the log');
    killed.close();
    makeRoom();
    const again = openStore(join(disk, 'killed.db'));
    expect(again.setting('in')).toBe('the log');
    again.close();
  });

  test('a new database waits for room', () => {
    const makeRoom = fill();
    for (let i = 0; i < 2; i++) expect(() => openStore(path)).toThrow(full);
    makeRoom();
    openStore(path).close();
  });

  test('a migration waits for room, with the old version whole', () => {
    const store = openStore(path);
    store.putSetting('a', 'b');
    store.close();
    const makeRoom = fill();
    const next = [...migrations, 'CREATE TABLE more (id TEXT)'];
    expect(() => openDatabase(path, { migrations: next })).toThrow(full);
    const old = openStore(path);
    expect(old.setting('a')).toBe('b');
    old.close();
    makeRoom();
    openDatabase(path, { migrations: next }).close();
  });

  test('a damaged database is set aside, said, and the new one waits for room', () => {
    openStore(path).close();
    writeFileSync(path, 'damaged');
    const makeRoom = fill();
    const said: string[] = [];
    const open = () => openStore(path, { onDamaged: ({ error }) => said.push(error.code) });
    expect(open).toThrow(full);
    expect(open).toThrow(full);
    makeRoom();
    open().close();
    expect(said).toEqual(['storage-damaged']);
  });

  test('an import that does not fit leaves nothing', async () => {
    const [from, to] = [aShelf(), { store: openStore(':memory:'), states: disk }];
    const bytes = await exported(from, written(from).id, 'llamba');
    const makeRoom = fill();
    await expect(importSession(to, [bytes])).rejects.toMatchObject({ code: 'disk-full' });
    expect(readdirSync(disk)).toEqual(['filler']);
    makeRoom();
    await importSession(to, [bytes]);
    expect(to.store.usage().count).toBe(2);
    from.close();
    to.store.close();
  });
});
