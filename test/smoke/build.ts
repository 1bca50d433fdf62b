/** The smoke test's build: the shell with the probe page beside it, in .cache with the layout of dist. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { buildShell } from '../../scripts/build-shell.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = `${root}.cache`;
const shims = `${root}test/smoke/shims.ts`;

/** compat-e9.ts and core-e9.ts in the place of the modern files. */
const forElectron9: Plugin = {
  name: 'electron 9',
  setup(building) {
    const instead = (filter: RegExp, file: string) =>
      building.onResolve({ filter }, () => ({ path: `${root}electron/shell/${file}` }));
    instead(/\/compat-modern\.ts$/, 'compat-e9.ts');
    instead(/\/core-here\.ts$/, 'core-e9.ts');
    building.onResolve({ filter: /^node:fs\/promises$/ }, () => ({
      path: `${root}test/smoke/fs-promises.ts`,
    }));
  },
};

/** Builds and resolves to the main process's file. */
export async function buildSmoke(old: boolean): Promise<string> {
  mkdirSync(`${out}/renderer`, { recursive: true });
  copyFileSync(`${root}test/smoke/page/index.html`, `${out}/renderer/index.html`);
  const page = {
    bundle: true,
    logLevel: 'warning',
    target: 'chrome83',
    inject: [shims],
  } satisfies BuildOptions;
  await build({
    ...page,
    entryPoints: [`${root}test/smoke/page/probe.ts`],
    outfile: `${out}/renderer/probe.js`,
  });
  if (!old) {
    await buildShell(`${out}/shell`);
    return `${out}/shell/main.mjs`;
  }
  const node = { ...page, platform: 'node', external: ['electron'], format: 'cjs' } satisfies BuildOptions;
  const shell = `${root}electron/shell`;
  await build({
    ...node,
    entryPoints: [`${shell}/preload.ts`],
    format: 'iife',
    inject: [],
    outfile: `${out}/shell/preload.cjs`,
  });
  await build({
    ...node,
    entryPoints: [`${shell}/main.ts`],
    outfile: `${out}/shell/main.cjs`,
    target: 'node12',
    plugins: [forElectron9],
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('url').pathToFileURL(__filename).href;" },
  });
  return `${out}/shell/main.cjs`;
}
