/** An ephemeral session writes no file: every system call that could is listened to, of core and of the engine. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tinyModels } from './tiny-models.ts';

const child = fileURLToPath(new URL('./ephemeral-child.ts', import.meta.url));
const calls =
  'open,openat,creat,write,pwrite64,writev,pwritev,ftruncate,rename,renameat,renameat2,link,linkat,mkdir,mkdirat';
const traced = spawnSync('strace', ['-V']).status === 0;
const models = tinyModels();

function run(trace: boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'ephemeral-'));
  const [data, temporary, log] = ['data', 'tmp', 'log'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(temporary);
  const command = [process.execPath, child, data, models, join(folder, 'mark'), 'kept'];
  const [file = '', ...args] = trace
    ? [
        'strace',
        '-f',
        '-y',
        '-qq',
        '-s',
        '8',
        '-e',
        `trace=${calls},access,statx,stat,faccessat,faccessat2`,
        '-o',
        log,
        ...command,
      ]
    : command;
  const { NODE_COMPILE_CACHE: _cache, ...env } = process.env;
  const { status, stderr } = spawnSync(file, args, { env: { ...env, TMPDIR: temporary }, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return { data, temporary, folder, log };
}

/** Lines of the trace between two marks that make, name or fill a file. */
function writes(log: string, from: string, to: string): string[] {
  const lines = readFileSync(log, 'utf8').split('\n');
  const at = (mark: string) => lines.findIndex((line) => line.includes(`/mark/${mark}"`));
  expect(at(from)).toBeGreaterThan(-1);
  expect(at(to)).toBeGreaterThan(at(from));
  return lines.slice(at(from), at(to)).filter((line) => {
    const call = /^\d+ +(?:<\.\.\. )?(\w+)/.exec(line)?.[1] ?? '';
    if (/^(access|stat|statx|faccessat2?)$/.test(call)) return false;
    if (/^open/.test(call)) return /O_(WRONLY|RDWR|CREAT)/.test(line) && !/"\/(dev|proc|sys)\//.test(line);
    // Of a write only those to files: pipes and sockets have no path.
    if (/^p?write/.test(call) || call === 'ftruncate') return /^\d+ +\w+\(\d+<\/(?!dev\/)/.test(line);
    return call !== '';
  });
}

describe.skipIf(!traced)('traced', () => {
  it('an ephemeral session makes, names and fills no file, where a kept one does', () => {
    const { log, data } = run(true);
    expect(writes(log, 'begin', 'end')).toEqual([]);
    // The same eyes see what a session that is kept writes.
    const kept = writes(log, 'end', 'later');
    expect(kept.some((line) => line.includes(join(data, 'llamba.db-wal')))).toBe(true);
    expect(kept.some((line) => line.includes(join(data, 'states')))).toBe(true);
  }, 60_000);
});

it('nothing of it lies in the data folder or among temporary files', () => {
  const { data, temporary } = run(false);
  expect(readdirSync(temporary)).toEqual([]);
  const files = readdirSync(data, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter(
    (entry) => entry.isFile(),
  );
  expect(files.length).toBeGreaterThan(1);
  for (const { parentPath, name } of files) {
    const content = readFileSync(join(parentPath, name));
    expect(content.includes('secret'), name).toBe(false);
    expect(content.includes('Secrets'), name).toBe(false);
  }
});
