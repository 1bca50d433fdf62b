import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const importOf = /(?:import|export)\s(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Every import of the product's TypeScript: the importing file and what it names, both from the root. */
const imports = globSync('{electron,renderer,native-mlx,models/convert}/**/*.{ts,tsx}', {
  cwd: root,
  exclude: (name) => /node_modules|vendor|build/.test(name),
}).flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(importOf)].map((match) => {
    const named = match[1] ?? match[2] ?? '';
    const target = named.startsWith('.') ? relative(root, join(root, dirname(file), named)) : named;
    return { file, target };
  }),
);

const offenders = (wrong: (file: string, target: string) => boolean) =>
  imports.filter(({ file, target }) => wrong(file, target)).map(({ file, target }) => `${file} -> ${target}`);

describe('import rules', () => {
  it('sees the imports', () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(imports).toContainEqual({ file: 'electron/core/core.ts', target: 'electron/shared/rpc.ts' });
  });
  it('only electron/shell imports electron', () => {
    expect(offenders((file, target) => target === 'electron' && !file.startsWith('electron/shell/'))).toEqual(
      [],
    );
  });
  it('core imports neither shell, headless nor renderer', () => {
    const outside = /^(electron\/(shell|headless)|renderer)\//;
    expect(offenders((file, target) => file.startsWith('electron/core/') && outside.test(target))).toEqual(
      [],
    );
  });
  it('models/convert imports neither shell, headless nor renderer', () => {
    const outside = /^(electron\/(shell|headless|engine)|renderer)\//;
    expect(offenders((file, target) => file.startsWith('models/convert/') && outside.test(target))).toEqual(
      [],
    );
  });
  it('shared imports nothing of the product but the native contract', () => {
    const allowed = /^(electron\/shared\/|native-mlx\/addon\.ts$)/;
    expect(
      offenders(
        (file, target) =>
          file.startsWith('electron/shared/') &&
          /^(electron|renderer|native-mlx)\//.test(target) &&
          !allowed.test(target),
      ),
    ).toEqual([]);
  });
  it('renderer imports only electron/shared', () => {
    expect(
      offenders(
        (file, target) =>
          file.startsWith('renderer/') &&
          /^(electron|native-mlx|scripts|test)\//.test(target) &&
          !target.startsWith('electron/shared/'),
      ),
    ).toEqual([]);
  });
  it('only native-mlx/addon.ts loads the binary', () => {
    const loaders = globSync('{electron,renderer,native-mlx,models/convert}/**/*.ts', { cwd: root })
      .filter((file) => !/node_modules|vendor|build\//.test(file))
      .filter((file) => /createRequire|process\.dlopen/.test(readFileSync(join(root, file), 'utf8')));
    expect(loaders).toEqual(['native-mlx/addon.ts']);
  });
});
