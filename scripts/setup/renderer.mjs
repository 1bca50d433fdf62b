/** The interface, bundled by Vite into dist/renderer. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { node24Path } from './node24.mjs';
import { at } from './place.mjs';
import { run } from './run.mjs';
import { hashOf, readText, writeStamp } from './stamp.mjs';

const stamp = at('dist/renderer.stamp');
const inputs = () => hashOf('renderer', 'electron/shared', 'vite.config.ts', 'package-lock.json');

/** Built beside and then swapped in, so that a failed or interrupted build is never served. */
async function bring() {
  const before = inputs();
  const part = at('dist/renderer.part');
  rmSync(part, { recursive: true, force: true });
  const vite = at('node_modules/vite/bin/vite.js');
  await run('The interface could not be bundled: see the lines above.', node24Path, [
    vite,
    'build',
    '--outDir',
    part,
  ]);
  rmSync(at('dist/renderer'), { recursive: true, force: true });
  renameSync(part, at('dist/renderer'));
  writeStamp(stamp, before);
}

export const renderer = {
  name: 'interface',
  isRight: () => existsSync(at('dist/renderer/index.html')) && readText(stamp) === inputs(),
  bring,
};
