/** The real headless host in its own process: core, engine process, addon and model. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Host {
  /** With the token in its fragment. */
  readonly address: string;
  readonly origin: string;
  /** Where it keeps its sessions. */
  readonly data: string;
  readonly pid: number;
  /** Process ids of the engine, one as long as it runs. */
  enginePids(): number[];
  stop(): Promise<void>;
}

/** Resolves once the host prints its address; rejects with its output when it ends before. Its data are its own. */
export async function startHost(...options: string[]): Promise<Host> {
  const data = mkdtempSync(join(tmpdir(), 'llamba-e2e-'));
  const host = await startHostOn(data, ...options);
  return {
    ...host,
    async stop() {
      await host.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** On data that are there and stay. */
export async function startHostOn(data: string, ...options: string[]): Promise<Host> {
  const child = spawn(process.execPath, ['electron/headless/cli.ts', 'serve', '--port', '0', ...options], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LLAMBA_DATA: data },
  });
  const address = await printedAddress(child);
  return {
    address,
    origin: new URL(address).origin,
    data,
    pid: child.pid ?? 0,
    enginePids: () => childrenOf(child.pid ?? 0),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function printedAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (piece: Buffer) => {
      output += piece;
      const address = /https?:\/\/\S+#\S+/.exec(output)?.[0];
      if (address) resolve(address);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The host ended with status ${code}:\n${output}`)));
  });
}

/** Linux: from /proc, where the fourth field after the command's closing bracket is the parent. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch (error) {
    // A process may end between the listing and the reading.
    if (
      (error as NodeJS.ErrnoException).code === 'ENOENT' ||
      (error as NodeJS.ErrnoException).code === 'ESRCH'
    )
      return null;
    throw error;
  }
}
