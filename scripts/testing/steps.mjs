/** The steps of `npm test`, each a function that resolves to { passed, failed, skipped, output }. */
import { findChromium } from '../setup/browser.mjs';
import { Failure } from '../setup/failure.mjs';
import { node24Path } from '../setup/node24.mjs';
import { at } from '../setup/place.mjs';
import { attempt } from '../setup/run.mjs';
import { pytest } from './pytest.mjs';
import { prepareSmoke } from './smoke.mjs';
import { vitest } from './vitest.mjs';

/** A command that is one test: it passes when its exit status is 0. */
async function command(script, ...args) {
  const { code, output } = await attempt(node24Path, [at(script), ...args], { env: { NO_COLOR: '1' } });
  return {
    passed: code === 0 ? 1 : 0,
    failed: code === 0 ? 0 : 1,
    skipped: 0,
    output: code === 0 ? '' : output,
  };
}

/** The C++ tests; doctest prints how many cases passed and failed. */
async function doctest() {
  const { code, output } = await attempt(at('native-mlx/build/engine-test'), ['--no-colors']);
  const [, passed, failed, skipped] =
    /test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed \|\s*(\d+) skipped/.exec(output)?.map(Number) ??
    [];
  if (passed === undefined || passed + failed === 0 || (code !== 0 && failed === 0)) {
    return {
      passed: passed ?? 0,
      failed: 1,
      skipped: 0,
      output: `${output}\nengine-test ended with status ${code}`,
    };
  }
  return { passed, failed, skipped, output: failed > 0 ? output : '' };
}

/** A step that cannot run at all fails with the sentence that says what is missing. */
async function needing(prepare, work) {
  try {
    return await work(await prepare());
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { passed: 0, failed: 1, skipped: 0, output: thrown.message };
  }
}

const sum = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
  output: [a.output, b.output].filter(Boolean).join('\n'),
});

/** A display without a screen, so that no window of a test gets in anybody's way. */
const screen = process.platform === 'linux' ? ['xvfb-run', '-a'] : [];

// The recipe that made the embedded model is no part of the app: its tests run where .ci/run brought PyTorch.
const distill = process.env.LLAMBA_PYTORCH && { distill: () => pytest(process.env.LLAMBA_PYTORCH) };

/** Round after round; the steps of one round run side by side, for each alone leaves a core idle. */
export const rounds = [
  {
    lint: () => command('node_modules/@biomejs/biome/bin/biome', 'check', '.'),
    types: () => command('node_modules/typescript/bin/tsc', '-p', '.'),
  },
  { unit: () => vitest('unit') },
  { native: async () => sum(await doctest(), await vitest('native')), ...distill },
  { contract: () => vitest('contract') },
  { faults: () => vitest('faults') },
  { e2e: () => needing(findChromium, (chromium) => vitest('e2e', { LLAMBA_CHROMIUM: chromium })) },
  {
    smoke: () =>
      needing(prepareSmoke, (electron) => vitest('smoke', { LLAMBA_SMOKE_ELECTRON: electron }, screen)),
  },
];
