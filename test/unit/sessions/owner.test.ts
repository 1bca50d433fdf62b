import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeOwnership } from '../../../electron/core/sessions/owner.ts';
import { openStore } from '../../../electron/core/sessions/store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'llamba-owner-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('ownership', () => {
  const lock = () => join(folder, 'owner.lock');

  test('is had by one at a time', () => {
    const first = takeOwnership(lock());
    expect(first).not.toBeNull();
    expect(takeOwnership(lock())).toBeNull();
    first?.release();
    const second = takeOwnership(lock());
    expect(second).not.toBeNull();
    second?.release();
  });

  test('of a process that is killed is free again', async () => {
    const child = fork(fileURLToPath(new URL('./own.ts', import.meta.url)), [lock()]);
    expect(await once(child, 'message')).toEqual([true, undefined]);
    expect(takeOwnership(lock())).toBeNull();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const mine = takeOwnership(lock());
    expect(mine).not.toBeNull();
    mine?.release();
  });

  test('without it, the database still lets nobody else in', () => {
    const store = openStore(join(folder, 'llamba.db'));
    expect(() => openStore(join(folder, 'llamba.db'))).toThrow(expect.objectContaining({ code: 'busy' }));
    store.close();
    openStore(join(folder, 'llamba.db')).close();
  });

  test('in a folder that is not there is an error, not somebody else', () => {
    expect(() => takeOwnership(join(folder, 'no', 'owner.lock'))).toThrow(
      expect.objectContaining({ code: 'file-unreadable' }),
    );
  });
});
