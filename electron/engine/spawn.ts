/** Starts the engine process: a utility process where Electron hands its `fork` in, else a forked Node. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Port } from '../shared/rpc.ts';

export interface EngineProcess {
  readonly port: Port;
  readonly pid: number | undefined;
  kill(): void;
}

/** The part of Electron's UtilityProcess that is used here. */
export interface Utility {
  readonly pid: number | undefined;
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'exit', listener: () => void): unknown;
  kill(): boolean;
}

export interface SpawnOptions {
  /** The addon's file; default: native-mlx/build. */
  readonly addon?: string | undefined;
  /** The engine's entry; default: host.ts beside this file. */
  readonly entry?: string;
  /** Under it states wait for their turn when memory is short; default: the system's folder for temporary files. */
  readonly parkingFolder?: string;
  /** Electron's utilityProcess.fork. */
  readonly utilityFork?: (entry: string, args: string[]) => Utility;
}

export function spawnEngine(options: SpawnOptions = {}): EngineProcess {
  const addon =
    options.addon ??
    process.env.LLAMBA_ADDON ??
    fileURLToPath(new URL('../../native-mlx/build/llamba.node', import.meta.url));
  const entry = options.entry ?? fileURLToPath(new URL('./host.ts', import.meta.url));
  // A name that nobody can guess: the folder is made, for this user alone, when it is first needed.
  const parking = join(options.parkingFolder ?? tmpdir(), `llamba-parked-${randomUUID()}`);
  const args = [addon, parking];
  const env = process.versions.electron ? { ...process.env, ELECTRON_RUN_AS_NODE: '1' } : process.env;
  const engine = options.utilityFork
    ? utilityEngine(options.utilityFork(entry, args))
    : forkedEngine(fork(entry, args, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
  // It clears up itself, unless it was killed.
  engine.port.onClose(() => rmSync(parking, { recursive: true, force: true }));
  return engine;
}

function utilityEngine(child: Utility): EngineProcess {
  let alive = true;
  child.on('exit', () => {
    alive = false;
  });
  return {
    get pid() {
      return child.pid;
    },
    port: {
      post: (frame) => alive && child.postMessage(frame),
      onFrame: (listener) => void child.on('message', listener),
      onClose: (listener) => void child.on('exit', listener),
    },
    kill: () => void child.kill(),
  };
}

function forkedEngine(child: ChildProcess): EngineProcess {
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve()); // it could not be started, or a frame could not be written to it
  });
  return {
    pid: child.pid,
    port: {
      post: (frame) => {
        if (child.connected) child.send(frame as object, () => undefined); // a frame that fails: `exit` tells
      },
      onFrame: (listener) => void child.on('message', listener),
      onClose: (listener) => void ended.then(listener),
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
