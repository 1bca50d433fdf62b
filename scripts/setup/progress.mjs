/** Progress on stderr: one line a step, with its time. */

export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** Runs `work` under a line that names it; the line gets the time, and what `note` makes of the result. */
export async function step(name, work, note = () => '') {
  const started = performance.now();
  const line = (mark, text) => process.stderr.write(`${mark} ${name.padEnd(34)} ${text}\n`);
  if (process.stderr.isTTY) process.stderr.write(`  ${name} ...\r`);
  try {
    const result = await work();
    line('+', `${seconds(performance.now() - started).padStart(7)} ${note(result)}`.trimEnd());
    return result;
  } catch (thrown) {
    line('x', `${seconds(performance.now() - started).padStart(7)}`);
    throw thrown;
  }
}
