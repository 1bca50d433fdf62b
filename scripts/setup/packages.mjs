/** The npm packages of package-lock.json. */
import { at } from './place.mjs';
import { run } from './run.mjs';
import { readText } from './stamp.mjs';

const listed = (file) =>
  Object.entries(JSON.parse(readText(file) ?? '{}').packages ?? {}).filter(([path]) => path !== '');

/** npm writes what it installed into node_modules/.package-lock.json, last of all: compared with what is wanted. */
function isRight() {
  const installed = new Map(listed(at('node_modules/.package-lock.json')));
  return listed(at('package-lock.json')).every(([path, wanted]) => {
    const found = installed.get(path);
    if (!found) return wanted.optional === true;
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

const bring = () =>
  run(
    "The npm packages could not be installed: see npm's words above. Without a network, run once with one.",
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
  );

export const packages = { name: 'npm packages', isRight, bring };
