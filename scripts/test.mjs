/** `npm test`: setup, then every step or those named. The last line alone is the sum: `N passed, N failed`. */
import { Failure, reportFailures } from './setup/failure.mjs';
import { seconds, step } from './setup/progress.mjs';
import { needs, setup } from './setup.mjs';
import { rounds } from './testing/steps.mjs';

const told = ({ passed, failed, skipped }) =>
  `${passed} passed${failed ? `, ${failed} failed` : ''}${skipped ? `, ${skipped} skipped` : ''}`;

await reportFailures(async () => {
  const wanted = process.argv.slice(2);
  const names = rounds.flatMap(Object.keys);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown) throw new Failure(`There is no test step "${unknown}": choose from ${names.join(', ')}.`);

  const started = performance.now();
  let passed = 0;
  let failed = 0;
  try {
    await setup(needs.tests);
  } catch (thrown) {
    if (thrown instanceof Failure) console.log(`${thrown.message}\n\n0 passed, 1 failed`);
    else throw thrown;
    process.exitCode = 1;
    return;
  }
  for (const round of rounds) {
    const chosen = Object.entries(round).filter(([name]) => wanted.length === 0 || wanted.includes(name));
    const results = await Promise.all(chosen.map(([name, run]) => step(name, run, told)));
    for (const result of results) {
      passed += result.passed;
      failed += result.failed;
      if (result.output) console.error(`${result.output.trimEnd()}\n`);
    }
  }
  console.error(`All in ${seconds(performance.now() - started)}`);
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
});
