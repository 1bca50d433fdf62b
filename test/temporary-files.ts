/**
 * One folder for all temporary files of a run: of the tests, of the processes that they start and of those that are
 * killed. It goes when vitest ends, on Ctrl-C too, so that no test has to think of it; `vitest watch` keeps it to be
 * looked at.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function setup(): void {
  const folder = mkdtempSync(join(tmpdir(), 'llamba-tests-'));
  process.env.TMPDIR = folder;
  // A process that was killed a moment ago may still be writing.
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
}
