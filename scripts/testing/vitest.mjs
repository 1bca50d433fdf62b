/** One vitest project as a counted step. */
import { readFileSync, rmSync } from 'node:fs';
import { node24Path } from '../setup/node24.mjs';
import { at, cache } from '../setup/place.mjs';
import { attempt } from '../setup/run.mjs';

/**
 * Resolves to { passed, failed, skipped, output }: `output` is empty when all is well. `under` is a command that runs
 * the test command, such as xvfb-run.
 */
export async function vitest(project, env = {}, under = []) {
  const report = cache(`test-${project}.json`);
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const [command, ...args] = [
    ...under,
    ...[node24Path, at('node_modules/vitest/vitest.mjs'), 'run', '--project', project, ...reporters],
  ];
  const { code, output } = await attempt(command, args, {
    env: { NO_COLOR: '1', FORCE_COLOR: '0', ...env },
  });
  const count = counted(report);
  // An error outside any test, a file that cannot be read or an empty project: no test says so, the exit status does.
  if (code !== 0 && count.failed === 0) count.failed = 1;
  if (count.passed + count.failed === 0) count.failed = 1;
  return { ...count, output: count.failed > 0 ? output : '' };
}

function counted(report) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    const unread = testResults.filter(
      (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
    );
    return {
      passed: numPassedTests,
      failed: numFailedTests + unread.length,
      skipped: numPendingTests + numTodoTests,
    };
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
