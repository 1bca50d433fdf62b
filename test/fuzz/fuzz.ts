/**
 * `npm run fuzz [-- COUNT [FIRST [TARGET]]]`: COUNT damaged files (100,000) over all readers and the engine, or one of them,
 * from input FIRST on. Ends with 1 if one crashes, hangs, swells or fails without a name.
 */
import { feed } from './feed.ts';
import { targetNames } from './targets.ts';

const [count = 100_000, first = 0] = process.argv.slice(2, 4).map(Number);
const only = process.argv[4];
const chosen = targetNames.filter((name) => only === undefined || name === only);
const each = Math.ceil(count / chosen.length);
let failed = 0;
for (const target of chosen) {
  const started = performance.now();
  const { findings, taken } = await feed(target, first, first + each);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `${target.padEnd(12)} ${each} inputs, ${taken} taken, ${findings.length} findings, ${seconds} s`,
  );
  for (const { input, what } of findings) console.log(`  input ${input}: ${what}`);
  failed += findings.length;
}
process.exitCode = failed > 0 ? 1 : 0;
