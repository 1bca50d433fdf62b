/** Bundles Electron's main process, preload and engine process into dist/shell. Run by Node 24, unlike its neighbours. */
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

const shared = {
  bundle: true,
  platform: 'node',
  external: ['electron'],
  sourcemap: 'linked',
  logLevel: 'warning',
  absWorkingDir: root,
} satisfies BuildOptions;

/**
 * Writes main.mjs, engine.mjs, convert.mjs and extract.mjs (ES modules for Node 24) and preload.cjs: a plain script, as a sandboxed preload cannot
 * be a module and not every Electron gives it a `module` to export to.
 */
export async function buildShell(outdir: string): Promise<void> {
  await Promise.all([
    build({
      ...shared,
      entryPoints: {
        main: 'electron/shell/main.ts',
        engine: 'electron/engine/host.ts',
        convert: 'models/convert/child.ts',
        extract: 'electron/core/documents/text/child.ts',
      },
      format: 'esm',
      target: 'node24',
      outdir,
      outExtension: { '.js': '.mjs' },
    }),
    build({
      ...shared,
      entryPoints: ['electron/shell/preload.ts'],
      format: 'iife',
      target: 'chrome150',
      outfile: `${outdir}/preload.cjs`,
    }),
  ]);
}

if (process.argv[1] === import.meta.filename) await buildShell(`${root}dist/shell`);
