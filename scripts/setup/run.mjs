/** Runs commands quietly: their output is kept and shown only when they fail. */
import { spawn } from 'node:child_process';
import { Failure } from './failure.mjs';
import { root } from './place.mjs';

/**
 * Resolves to { code, output }, output being stdout and stderr as they came. The code is null after the time limit
 * (ms) or a signal; a command that cannot be started has code 127. `onOutput` is told each piece of stdout.
 */
export function attempt(command, args, { cwd = root, env = {}, limit, onOutput } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limit,
    });
    const pieces = [];
    child.stdout.on('data', (piece) => {
      pieces.push(piece);
      onOutput?.(String(piece));
    });
    child.stderr.on('data', (piece) => pieces.push(piece));
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code, output: Buffer.concat(pieces).toString() }));
  });
}

export const tail = (text, lines = 60) => text.trimEnd().split('\n').slice(-lines).join('\n');

/** As attempt, but a failure is thrown: `sentence` (what could not be done) and the end of the output. */
export async function run(sentence, command, args, options) {
  const { code, output } = await attempt(command, args, options);
  if (code !== 0) throw new Failure(`${tail(output)}\n\n${sentence}`);
  return output;
}
