/** Where things lie, seen from the bundle in dist/shell; in the packaged app the addon is outside the archive. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app } from 'electron';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');

export const places = {
  preload: join(here, 'preload.cjs'),
  engine: join(here, 'engine.mjs'),
  renderer: join(here, '../renderer'),
  models: app.isPackaged ? join(process.resourcesPath, 'models') : join(root, 'models'),
  addon: app.isPackaged
    ? join(process.resourcesPath, 'native/llamba.node')
    : join(root, 'native-mlx/build/llamba.node'),
};
