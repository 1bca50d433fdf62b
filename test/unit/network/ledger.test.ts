import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ledger, openLedger, unfinished } from '../../../electron/core/network/ledger.ts';

const end = { sentBytes: 10, receivedBytes: 200, ms: 3.4, result: '200' };
const entry = (at: number, purpose = 'a list') => ({ at, purpose, host: 'a.example', path: '/x' });

let folder: string;
const opened: Ledger[] = [];
const open = () => {
  const ledger = openLedger(folder);
  opened.push(ledger);
  return ledger;
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
});
afterEach(() => {
  for (const ledger of opened.splice(0)) ledger.close();
  rmSync(folder, { recursive: true });
});

describe('the ledger', () => {
  it('has a request before it has an end', () => {
    const ledger = open();
    const at = ledger.begin(entry(5));
    expect(ledger.page(100, 10)).toEqual([
      { ...entry(5), sentBytes: 0, receivedBytes: 0, ms: 0, result: unfinished },
    ]);
    ledger.end(at, end);
    expect(ledger.page(100, 10)).toEqual([{ ...entry(5), ...end, ms: 3 }]);
    expect(ledger.totals()).toEqual({ requests: 1, receivedBytes: 200 });
  });
  it('pages back without losing requests of the same moment', () => {
    const ledger = open();
    for (let n = 0; n < 25; n++) ledger.begin(entry(1000, `request ${n}`));
    const seen: string[] = [];
    for (let before = Number.MAX_SAFE_INTEGER; ; ) {
      const page = ledger.page(before, 10);
      if (page.length === 0) break;
      seen.push(...page.map(({ purpose }) => purpose));
      before = page.at(-1)?.at ?? 0;
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => `request ${24 - n}`));
  });
  it('outlives the app, is shared by two, and keeps the settings', () => {
    const [one, two] = [open(), open()];
    one.begin(entry(5));
    two.begin(entry(5));
    one.set('offline', 'true');
    expect(two.setting('offline')).toBe('true');
    expect(open().totals().requests).toBe(2);
    expect(two.setting('hub')).toBeNull();
  });
  it('sets a damaged file aside', () => {
    writeFileSync(
      join(folder, 'network.db'),
      'this is no database, and long enough to be read as one'.repeat(30),
    );
    expect(open().totals().requests).toBe(0);
    expect(readdirSync(folder).some((name) => name.startsWith('network.db.damaged-'))).toBe(true);
  });
});
