/** A Chromium for the end-to-end tests. */
import { existsSync } from 'node:fs';
import { missing } from './failure.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const macApps = ['Google Chrome', 'Chromium'].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);

/** Its path; throws a Failure that says how to get one. LLAMBA_CHROMIUM names another. */
export function findChromium() {
  const onPath = (process.env.PATH ?? '').split(':').flatMap((dir) => names.map((name) => `${dir}/${name}`));
  const found = [process.env.LLAMBA_CHROMIUM, ...onPath, ...macApps].find((path) => path && existsSync(path));
  if (found) return found;
  throw missing('The end-to-end tests need Chromium or Chrome.', {
    debian: 'chromium',
    fedora: 'chromium',
    arch: 'chromium',
    mac: 'brew install --cask google-chrome',
  });
}
