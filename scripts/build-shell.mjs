/** Bundles Electron's main process, preload and engine process into dist/shell. */
import { build } from 'esbuild';
import { at } from './setup/place.mjs';

const shared = {
  bundle: true,
  external: ['electron'],
  sourcemap: 'linked',
  logLevel: 'warning',
  absWorkingDir: at('.'),
};

/** Writes main.mjs, engine.mjs (ES modules for Node 24) and preload.cjs (a sandboxed preload can only be that). */
export async function buildShell(outdir) {
  const node = {
    ...shared,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    outdir,
    outExtension: { '.js': '.mjs' },
  };
  await Promise.all([
    build({ ...node, entryPoints: { main: 'electron/shell/main.ts', engine: 'electron/engine/entry.ts' } }),
    build({
      ...shared,
      entryPoints: ['electron/shell/preload.ts'],
      format: 'cjs',
      target: 'chrome150',
      outfile: `${outdir}/preload.cjs`,
    }),
  ]);
}

if (process.argv[1] === import.meta.filename) await buildShell(at('dist/shell'));
