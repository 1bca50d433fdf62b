/** kill -9 in the middle of a migration leaves the old version or the new one, never something between. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { migrations } from '../../electron/core/sessions/migrations.ts';
import { openStore } from '../../electron/core/sessions/store.ts';
import { aSession, aTurn } from '../unit/sessions/some-rows.ts';
import { seeded, someWords } from '../user/seeded.ts';
import { longer } from './migrations.ts';

const script = fileURLToPath(new URL('./migrate-driver.ts', import.meta.url));
const turns = 20_000;
const kills = Math.max(4, Math.round(Number(process.env.LLAMBA_KILLS ?? 20) / 5));

const folder = mkdtempSync(join(tmpdir(), 'llamba-migration-'));
const original = join(folder, 'original.db');
/** Of an undisturbed migration, from its first word to its end. */
let wholeMs = 0;

/** Every turn's text, in order. */
function textsOf(path: string): unknown[] {
  const db = new DatabaseSync(path, { readOnly: true });
  const texts = db.prepare('SELECT text FROM turns ORDER BY n').all();
  db.close();
  return texts;
}

function pragma(path: string, name: string): unknown {
  const db = new DatabaseSync(path);
  const value = Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  db.close();
  return value;
}

/** Ends by itself, or is killed `afterMs` after it began. */
async function migrate(path: string, afterMs = Number.POSITIVE_INFINITY) {
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  const start = performance.now();
  const timer = Number.isFinite(afterMs) ? setTimeout(() => child.kill('SIGKILL'), afterMs) : undefined;
  await closed;
  clearTimeout(timer);
  return performance.now() - start;
}

beforeAll(async () => {
  const store = openStore(original);
  const random = seeded(1);
  store.transaction(() => {
    store.addSession(aSession({ id: 's', title: 'Old', titledBy: 'user', createdAt: 0, updatedAt: 0 }));
    for (let i = 0; i < turns; i++) {
      const parent = i > 0 ? `t${i - 1}` : null;
      const role = i % 2 ? 'assistant' : 'user';
      store.addTurn(aTurn('s', parent, { id: `t${i}`, role, text: someWords(random, 12), createdAt: i }));
    }
  });
  store.close();
  const copy = join(folder, 'measured.db');
  copyFileSync(original, copy);
  wholeMs = await migrate(copy);
  expect(pragma(copy, 'user_version')).toBe(longer.length);
});

describe('a migration that is killed', () => {
  for (let seed = 1; seed <= kills; seed++) {
    it(`leaves the old version or the new (seed ${seed})`, async () => {
      const place = mkdtempSync(join(folder, `kill-${seed}-`));
      const path = join(place, 'llamba.db');
      copyFileSync(original, path);
      await migrate(path, seeded(seed).next() * wholeMs);

      const version = pragma(path, 'user_version');
      expect([migrations.length, longer.length]).toContain(version);
      expect(pragma(path, 'quick_check')).toBe('ok');
      const backup = join(place, `llamba.db.before-v${longer.length}`);
      // A backup comes first, and only a whole one has its name.
      if (version === longer.length) expect(existsSync(backup)).toBe(true);

      openStore(path, { migrations: longer }).close();
      expect(pragma(path, 'user_version')).toBe(longer.length);
      expect(pragma(backup, 'user_version')).toBe(migrations.length);
      expect(pragma(backup, 'quick_check')).toBe('ok');
      expect(textsOf(path)).toEqual(textsOf(original));
      expect(textsOf(backup)).toEqual(textsOf(original));
      expect(readdirSync(place).filter((name) => /\.(tmp|new)/.test(name))).toEqual([]);
    });
  }
});
