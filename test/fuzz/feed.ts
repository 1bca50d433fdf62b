/** Feeds a target's inputs to a child that may die or hang: what it was at is noted, and another goes on behind it. */
import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Finding } from './child.ts';
import type { TargetName } from './targets.ts';

export interface Fed {
  readonly findings: readonly Finding[];
  /** Inputs that were taken: damaged where it does not show. */
  readonly taken: number;
}

/** No input may keep a reader longer. */
const hangMs = 5000;

export async function feed(target: TargetName, from: number, to: number): Promise<Fed> {
  const folder = mkdtempSync(join(tmpdir(), 'llamba-fuzz-'));
  const findings: Finding[] = [];
  let taken = 0;
  try {
    for (let next = from; next < to; ) {
      const ended = await one(target, next, to, folder, findings);
      taken += ended.taken;
      if (ended.at === null) break;
      findings.push({ target, input: ended.at, what: ended.what });
      next = ended.at + 1;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { findings, taken };
}

type Ended = { at: null; taken: number } | { at: number; what: string; taken: number };

function one(
  target: TargetName,
  from: number,
  to: number,
  folder: string,
  findings: Finding[],
): Promise<Ended> {
  rmSync(join(folder, 'at'), { force: true });
  const script = fileURLToPath(new URL('./child.ts', import.meta.url));
  const child = fork(script, [target, String(from), String(to), folder], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let complaint = '';
  child.stderr?.on('data', (piece) => {
    complaint = (complaint + piece).slice(-500);
  });
  let last: number | null = null;
  let hung = false;
  let taken: number | null = null;
  // A child that is at one input in two looks hangs.
  const watch = setInterval(() => {
    const now = readAt(folder);
    hung = now !== null && now === last;
    last = now;
    if (hung) child.kill('SIGKILL');
  }, hangMs);
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && message !== null && 'taken' in message)
        taken = Number(message.taken);
      else findings.push(message as Finding);
    });
    child.once('exit', (code, signal) => {
      clearInterval(watch);
      if (taken !== null) return resolve({ at: null, taken });
      const what = hung ? `it hangs for ${hangMs} ms` : `it died: ${signal ?? code} ${complaint.trim()}`;
      resolve({ at: readAt(folder) ?? from, what, taken: 0 });
    });
  });
}

/** The input that is being tried; null before the first. */
function readAt(folder: string): number | null {
  const path = join(folder, 'at');
  const text = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  return text === '' ? null : Number(text);
}
