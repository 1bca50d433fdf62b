/** A real Electron: the window, the bridge, the guards. Behaviour only; looks are judged in Chromium. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { argsFor, type Started, startApp } from './app.ts';

interface Probe {
  rpc: { call(method: string, params: unknown): Promise<unknown> };
  llamba: object;
  inlineRan?: boolean;
  evalRan: boolean;
}

let started: Started;

beforeAll(async () => {
  started = await startApp();
});

afterAll(async () => {
  await started?.app.close();
});

const call = (method: string, params: object = {}) =>
  started.page.evaluate(([name, value]) => (window as unknown as Probe).rpc.call(name as string, value), [
    method,
    params,
  ] as const);
/** Another run of the app, driven by a script of this folder from within, where Playwright would be in the way. */
function runScript(name: string) {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const args = ['--require', script, ...argsFor(started.main)];
  return spawnSync(started.binary, args, { env: started.env, timeout: 20_000, encoding: 'utf8' });
}
const windows = () => started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);

test('the page comes from the app scheme', async () => {
  expect(started.page.url()).toBe('app://llamba/');
  expect(await started.page.title()).toBe('Probe');
});

test('the page has no Node, and a bridge of four keys', async () => {
  const seen = await started.page.evaluate(() => ({
    node: ['require', 'process', 'module', 'Buffer', 'global'].filter((name) => name in window),
    bridge: Object.keys((window as unknown as Probe).llamba).sort(),
  }));
  expect(seen).toEqual({ node: [], bridge: ['host', 'pathOf', 'post', 'subscribe'] });
});

test('it is sandboxed and isolated', async () => {
  const preferences = await started.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): Record<string, unknown>;
    };
    const { sandbox, contextIsolation, nodeIntegration, webviewTag } = contents.getLastWebPreferences();
    return { sandbox, contextIsolation, nodeIntegration, webviewTag };
  });
  expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false });
  expect(preferences.webviewTag).not.toBe(true);
});

test('a call reaches core and comes back', async () => {
  expect(await call('app.info')).toMatchObject({ version: expect.any(String) });
});

test('an unknown method and a broken frame are refused, and the connection lives on', async () => {
  await expect(call('__proto__')).rejects.toThrow();
  await started.page.evaluate(() => {
    const { post } = (window as unknown as { llamba: { post(frame: unknown): void } }).llamba;
    for (const frame of [null, 7, 'text', {}, { id: 'x', m: 3 }]) post(frame);
  });
  expect(await call('app.info')).toBeTruthy();
});

test('the policy refuses inline scripts, eval and every connection', async () => {
  const ran = await started.page.evaluate(async () => {
    const outcome = (work: Promise<unknown>) =>
      work.then(
        () => 'ran',
        () => 'refused',
      );
    const opening = new Promise((resolve, reject) => {
      const socket = new WebSocket('ws://127.0.0.1:1/');
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    const { inlineRan, evalRan } = window as unknown as Probe;
    return {
      inlineRan,
      evalRan,
      remote: await outcome(fetch('https://example.com/')),
      local: await outcome(fetch('app://llamba/index.html')),
      socket: await outcome(opening),
    };
  });
  expect(ran).toEqual({ evalRan: false, remote: 'refused', local: 'refused', socket: 'refused' });
});

test('no window opens', () => {
  const { stdout, stderr } = runScript('popup.cjs');
  expect(stdout, stderr).toContain('windows: 1');
  expect(stderr).toContain('This link is not opened from the app. https://example.com/');
});

test('the page saves what it made itself, and nothing else', () => {
  const { stdout, stderr } = runScript('download.cjs');
  expect(stdout, stderr).toContain('saved: completed, Rain.llamba, 13 bytes');
  expect(stdout, stderr).toContain('refused: app://llamba/probe.js');
});

test.each(['https://example.com/', 'app://other/'])('the page is not left for %s', async (url) => {
  const prevented = started.app.evaluate(
    ({ BrowserWindow }) =>
      new Promise((resolve) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents;
        contents?.once('will-navigate', (event, to) => resolve([to, event.defaultPrevented]));
      }),
  );
  // From a timer: Playwright would wait for the navigation that is not to come.
  await started.page.evaluate((to) => void setTimeout(() => location.assign(to)), url);
  expect(await prevented).toEqual([url, true]);
  expect(started.page.url()).toBe('app://llamba/');
  expect(await call('app.info')).toBeTruthy();
});

test('permissions are refused', async () => {
  expect(await started.page.evaluate(() => Notification.requestPermission())).toBe('denied');
});

test('files outside the page folder are not served', async () => {
  const statuses = await started.page.evaluate(() =>
    Promise.all(
      ['..%2fshell%2fmain.cjs', '%2e%2e/shell/main.cjs', '..%5cshell', 'missing.js'].map(
        (path) =>
          new Promise((resolve) => {
            const script = document.createElement('script');
            script.src = path;
            script.onload = () => resolve('served');
            script.onerror = () => resolve('refused');
            document.head.append(script);
          }),
      ),
    ),
  );
  expect(statuses).toEqual(['refused', 'refused', 'refused', 'refused']);
});

test('the theme reaches the system and the next start', async () => {
  await call('shell.theme', { theme: 'dark' });
  expect(await started.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('dark');
  const userData = await started.app.evaluate(({ app }) => app.getPath('userData'));
  expect(JSON.parse(readFileSync(join(userData, 'window.json'), 'utf8'))).toMatchObject({ theme: 'dark' });
});

test('a link outside the list is not opened', async () => {
  await expect(call('shell.openExternal', { url: 'https://example.com/?text' })).rejects.toThrow(
    /not opened/,
  );
});

test('the menu has the standard roles', async () => {
  const labels = await started.app.evaluate(({ Menu }) =>
    Menu.getApplicationMenu()?.items.map(({ label }) => label),
  );
  expect(labels).toEqual(expect.arrayContaining(['File', 'Edit', 'View', 'Window']));
});

test('a second start ends and shows the first window', async () => {
  const shown = started.app.evaluate(
    ({ app }) => new Promise((resolve) => app.once('second-instance', () => resolve(true))),
  );
  const second = spawn(started.binary, started.args, { env: started.env, stdio: 'ignore' });
  expect(await once(second, 'exit')).toEqual([0, null]);
  expect(await shown).toBe(true);
  expect(await windows()).toBe(1);
});

test('a reload gets a connection of its own', async () => {
  await started.page.reload();
  expect(await call('app.info')).toBeTruthy();
});

test('a page whose process dies is loaded again, and connected', () => {
  const { stdout, stderr } = runScript('killed.cjs');
  expect(stdout, stderr).toContain('loaded again in: electron');
});
