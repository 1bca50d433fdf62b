import { existsSync } from 'node:fs';

/** What a person can act on: one sentence saying what is wrong and what to do. Anything else that is thrown is a bug. */
export class Failure extends Error {}

/** Runs `main`; a failure is printed as its sentence alone, and the exit status is 1. */
export async function reportFailures(main) {
  try {
    await main();
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    console.error(`\n${thrown.message}`);
    process.exitCode = 1;
  }
}

const has = (command) => (process.env.PATH ?? '').split(':').some((dir) => existsSync(`${dir}/${command}`));

const sudo = process.getuid?.() === 0 ? '' : 'sudo ';

const installers = [
  ['apt-get', (names) => `${sudo}apt-get install -y ${names.debian}`],
  ['dnf', (names) => `${sudo}dnf install -y ${names.fedora}`],
  ['pacman', (names) => `${sudo}pacman -S --needed ${names.arch}`],
];

/** The sentence for a missing tool: `what` is missing, and the command that brings it on this system. */
export function missing(what, names) {
  if (process.platform === 'darwin') return new Failure(`${what} Run: ${names.mac}`);
  const found = installers.find(([tool]) => has(tool));
  return new Failure(
    `${what} ${found ? `Run: ${found[1](names)}` : `Install it (on Debian: ${names.debian}).`}`,
  );
}
