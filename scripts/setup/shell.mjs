/** Electron's main process, preload and engine process, bundled by esbuild into dist/shell. */
import { existsSync } from 'node:fs';
import { node24Path } from './node24.mjs';
import { at } from './place.mjs';
import { run } from './run.mjs';
import { hashOf, readText, writeStamp } from './stamp.mjs';

const stamp = at('dist/shell.stamp');
const inputs = () =>
  hashOf(
    'electron',
    'models/convert',
    'models/catalog.json',
    'native-mlx/addon.ts',
    'scripts/build-shell.ts',
    'package-lock.json',
  );

export const shell = {
  name: 'Electron main process',
  isRight: () => existsSync(at('dist/shell/main.mjs')) && readText(stamp) === inputs(),
  async bring() {
    const before = inputs();
    await run('The main process could not be bundled: see the lines above.', node24Path, [
      at('scripts/build-shell.ts'),
    ]);
    writeStamp(stamp, before);
  },
};
