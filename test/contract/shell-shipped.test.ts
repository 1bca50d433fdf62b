/** What the shell ships, looked at as files: the bundle, the preload, and the settings that must never be touched. */
import { globSync, mkdtempSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { beforeAll, expect, test } from 'vitest';
import { buildShell } from '../../scripts/build-shell.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'llamba-bundle-'));
const text = (name: string) => readFileSync(join(folder, name), 'utf8');

beforeAll(() => buildShell(folder));

test('the bundle has the modern calls and nothing of the test build', () => {
  expect(text('main.mjs')).toContain('setWindowOpenHandler');
  for (const old of ['registerBufferProtocol', 'new-window', 'LLAMBA_CORE_NODE']) {
    expect(text('main.mjs')).not.toContain(old);
  }
});

test.each(['main.mjs', 'engine.mjs'])('%s needs nothing but Node and Electron', (name) => {
  const named = [...text(name).matchAll(/^import\s[^"']*["']([^"']+)["']/gm)].map((match) => match[1] ?? '');
  expect(named.length).toBeGreaterThan(0);
  const given = new Set(['electron', ...builtinModules, ...builtinModules.map((module) => `node:${module}`)]);
  expect(named.filter((module) => !given.has(module) && !module.startsWith('node:'))).toEqual([]);
});

test('the preload exposes four keys, and hands out frames without the event', () => {
  const exposed: Record<string, Record<string, (...values: unknown[]) => unknown>> = {};
  const listeners = new Set<(...values: unknown[]) => void>();
  const sent: unknown[][] = [];
  const doubleOfElectron = {
    contextBridge: {
      exposeInMainWorld: (name: string, api: never) => void Object.assign(exposed, { [name]: api }),
    },
    ipcRenderer: {
      send: (...message: unknown[]) => void sent.push(message),
      on: (_channel: string, listener: () => void) => void listeners.add(listener),
      off: (_channel: string, listener: () => void) => void listeners.delete(listener),
    },
    webUtils: { getPathForFile: ({ name }: { name: string }) => `/dropped/${name}` },
  };
  const require = (name: string) => {
    if (name !== 'electron') throw new Error(`a sandboxed preload has no ${name}`);
    return doubleOfElectron;
  };
  runInContext(text('preload.cjs'), createContext({ require }));
  expect(Object.keys(exposed)).toEqual(['llamba']);
  const { llamba } = exposed;
  expect(Object.keys(llamba ?? {}).sort()).toEqual(['host', 'pathOf', 'post', 'subscribe']);

  const got: unknown[][] = [];
  const stop = llamba?.subscribe?.((...values: unknown[]) => void got.push(values)) as () => void;
  for (const listener of listeners) listener({ sender: 'the event' }, { id: 1 });
  expect(got).toEqual([[{ id: 1 }]]);
  stop();
  expect(listeners.size).toBe(0);
  expect(llamba?.pathOf?.({ name: 'a.gguf' })).toBe('/dropped/a.gguf');
  llamba?.post?.({ id: 2 });
  expect(sent).toEqual([['llamba:frame', expect.any(Number), { id: 2 }]]);
});

test("settings that lower Electron's security appear nowhere", () => {
  const lowering =
    /webSecurity|allowRunningInsecureContent|experimentalFeatures|enableBlinkFeatures|<webview|allowpopups|['"`]file:\/\/|nodeIntegration\w*: true|contextIsolation: false|sandbox: false/;
  const files = globSync('{electron,renderer}/**/*.{ts,tsx,html}', { cwd: root });
  expect(files.length).toBeGreaterThan(50);
  expect(files.filter((file) => lowering.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
});

test('Electron is pinned to the line that the shell is written for', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(devDependencies.electron).toMatch(/^45\.\d+\.\d+$/);
});
