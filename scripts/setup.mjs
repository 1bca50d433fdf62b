/** Brings what this checkout needs and does not have; what is right already is left alone, in milliseconds. */
import { pathToFileURL } from 'node:url';
import { Failure, reportFailures } from './setup/failure.mjs';
import { alone } from './setup/lock.mjs';
import { addon, engineTest, mlx } from './setup/native.mjs';
import { node24 } from './setup/node24.mjs';
import { packages } from './setup/packages.mjs';
import { platform, supported } from './setup/place.mjs';
import { step } from './setup/progress.mjs';
import { renderer } from './setup/renderer.mjs';
import { shell } from './setup/shell.mjs';

/** What each command needs, in the order of building. */
export const needs = {
  commandLine: [packages, node24, mlx, addon],
  browser: [packages, node24, mlx, addon, renderer],
  electron: [packages, node24, mlx, addon, renderer, shell],
  tests: [packages, node24, mlx, addon, engineTest, renderer],
};

/** Makes every part right; throws a Failure that says what to do when one cannot be. */
export async function setup(parts) {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) {
    throw new Failure(
      `Node ${process.versions.node} is too old: version 20 or newer is needed. Get it from nodejs.org.`,
    );
  }
  if (!supported.includes(platform)) {
    throw new Failure(
      `${platform} is not supported: Llamba needs a Mac with Apple Silicon, or Linux on x86-64 or arm64.`,
    );
  }
  for (const part of parts) {
    if (part.isRight()) continue;
    await alone(async () => {
      if (!part.isRight()) await step(part.name, part.bring);
    });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const started = performance.now();
  await reportFailures(async () => {
    await setup(needs.browser);
    console.error(`Ready (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  });
}
