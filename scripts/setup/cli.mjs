/** The headless command line as a child: signals go to it, its exit is ours. */
import { spawn } from 'node:child_process';
import { isatty } from 'node:tty';
import { node24Path } from './node24.mjs';
import { at, cache } from './place.mjs';

/**
 * Makes this process stand for `child`: SIGTERM and SIGHUP are passed on and its exit status or signal becomes ours.
 * SIGINT is passed on only without a terminal: a terminal's Ctrl-C reaches the child by itself.
 */
export function standFor(child) {
  const hasTerminal = [0, 1, 2].some((fd) => isatty(fd));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => hasTerminal || child.kill('SIGINT'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (signal) {
        process.removeAllListeners(signal);
        process.kill(process.pid, signal);
      }
      process.exitCode = code ?? 1;
      resolve();
    });
  });
}

export const cliCommand = (args) => [node24Path, [at('electron/headless/cli.ts'), ...args]];

/** Of the host and of the engine that it starts. */
export const childEnv = {
  // Node keeps what it compiled here: stripping types anew would take 0.15 s of each start.
  NODE_COMPILE_CACHE: cache('compiled'),
  // glibc raises its threshold for large blocks to whatever is freed, and then keeps them in pieces: where states come and
  // go the footprint creeps by 3 MiB a minute (npm run soak). No other allocator reads these.
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(256 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(1024 * 1024),
};

/** Runs the command line with this process's own stdin, stdout and stderr until it ends. */
export function runCli(args) {
  const [node, nodeArgs] = cliCommand(args);
  return standFor(spawn(node, nodeArgs, { stdio: 'inherit', env: { ...childEnv, ...process.env } }));
}
