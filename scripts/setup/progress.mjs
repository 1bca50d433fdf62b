/** Progress on stderr: one line a step, with its time. */

export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Runs `work` under a line that names it; the line gets the time, and what `note` makes of the result. In a terminal `work`
 * can say how far it is: it is given a function for that.
 */
export async function step(name, work, note = () => '') {
  const started = performance.now();
  const clear = process.stderr.isTTY ? '\x1b[K' : '';
  const line = (mark, text) => process.stderr.write(`${clear}${mark} ${name.padEnd(34)} ${text}\n`);
  const tell = (text) => clear && process.stderr.write(`${clear}  ${name.padEnd(34)} ${text}\r`);
  tell('...');
  try {
    const result = await work(tell);
    line('+', `${seconds(performance.now() - started).padStart(7)} ${note(result)}`.trimEnd());
    return result;
  } catch (thrown) {
    line('x', `${seconds(performance.now() - started).padStart(7)}`);
    throw thrown;
  }
}
