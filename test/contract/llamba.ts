/** The command line, run as a person's shell would. */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const cli = fileURLToPath(new URL('../../electron/headless/cli.ts', import.meta.url));
/** As scripts/llamba.mjs sets it; the sessions of whoever runs the tests are left alone. */
const env = {
  ...process.env,
  LLAMBA_DATA: mkdtempSync(join(tmpdir(), 'llamba-data-')),
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../.cache/compiled', import.meta.url)),
};

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

export function llamba(
  args: string[],
  input?: {
    send: string;
    /** Nothing more is typed after `send`. */
    end?: boolean;
    onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
    onOut?: (out: string, kill: (signal: NodeJS.Signals) => void, write: (text: string) => void) => void;
  },
  more: Record<string, string> = {},
  cwd = process.cwd(),
): Promise<Ended> {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd,
    env: { ...env, ...more },
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout?.on('data', (piece) => {
    out += piece;
    input?.onOut?.(
      out,
      (signal) => child.kill(signal),
      (text) => child.stdin?.write(text),
    );
  });
  child.stderr?.on('data', (piece) => {
    err += piece;
  });
  if (input) child.stdin?.write(input.send);
  if (input?.end) child.stdin?.end();
  input?.onStart?.((signal) => child.kill(signal));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

/** What `--json` prints; the command must succeed in silence. */
export const json = async (args: string[], more: Record<string, string> = {}) => {
  const { code, out, err } = await llamba([...args, '--json'], undefined, more);
  expect(err).toBe('');
  expect(code).toBe(0);
  expect(out.endsWith('\n')).toBe(true);
  return JSON.parse(out);
};
export const greedy = ['--temperature', '0', '--max-tokens', '8'];
