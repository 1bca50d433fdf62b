/** The Python tests of models/distill as a counted step; they need PyTorch, which only .ci/run brings. */
import { rmSync } from 'node:fs';
import { node24Path } from '../setup/node24.mjs';
import { at, cache } from '../setup/place.mjs';
import { attempt } from '../setup/run.mjs';
import { readText } from '../setup/stamp.mjs';

/** Resolves to { passed, failed, skipped, output }, as the other steps do; `python` is an interpreter with pytest. */
export async function pytest(python) {
  const report = cache('test-distill.xml');
  rmSync(report, { force: true });
  const { code, output } = await attempt(
    python,
    [
      ...['-m', 'pytest', '-q', `--junitxml=${report}`],
      `--basetemp=${cache('test-distill')}`, // emptied by the next run, where pytest would keep three in /tmp
      at('models/distill/tests'),
    ],
    { env: { OMP_NUM_THREADS: '1', LLAMBA_NODE: node24Path } },
  );
  const count = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(readText(report) ?? '')?.[1] ?? 0);
  const skipped = count('skipped');
  const broken = count('failures') + count('errors');
  const failed = broken === 0 && code !== 0 ? 1 : broken;
  const passed = Math.max(0, count('tests') - broken - skipped);
  return { passed, failed, skipped, output: failed > 0 ? output : '' };
}
