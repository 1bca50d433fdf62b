/** The shell's modern Electron calls, against a double of the `electron` module: what runs in 45 and cannot run here. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { DoubleContents, doubleElectron } from './double-electron.ts';

vi.mock('electron', async () => (await import('./double-electron.ts')).doubleElectron);

const { sandboxAll, serveScheme, senderAddress } = await import('../../electron/shell/compat-modern.ts');
const { acceptPage } = await import('../../electron/shell/page-port.ts');
const { registerScheme } = await import('../../electron/shell/privileges.ts');
const { shellCalls } = await import('../../electron/shell/calls.ts');
const { windowOptions } = await import('../../electron/shell/window.ts');

type Contents = Parameters<typeof acceptPage>[0];
const contentsOf = (double: DoubleContents) => double as unknown as Contents;

beforeEach(() => {
  doubleElectron.ipcMain.removeAllListeners();
  doubleElectron.opened.length = 0;
});

describe('protocol.handle', () => {
  test('turns an answer into a Response', async () => {
    const asked: string[] = [];
    serveScheme('app', async (url) => {
      asked.push(url);
      return { status: 200, headers: { 'content-type': 'text/html' }, body: Buffer.from('<p>') };
    });
    const response = await doubleElectron.handlers.get('app')?.(new Request('app://llamba/index.html'));
    expect(asked).toEqual(['app://llamba/index.html']);
    expect(response?.status).toBe(200);
    expect(response?.headers.get('content-type')).toBe('text/html');
    expect(await response?.text()).toBe('<p>');
  });

  test('answers GET alone', async () => {
    const answer = vi.fn();
    serveScheme('app', answer);
    const response = await doubleElectron.handlers.get('app')?.(
      new Request('app://llamba/', { method: 'POST' }),
    );
    expect(response?.status).toBe(405);
    expect(answer).not.toHaveBeenCalled();
  });

  test('the scheme is registered as a secure, standard one', () => {
    registerScheme();
    expect(doubleElectron.privileged).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true } },
    ]);
  });
});

describe('the page port', () => {
  const connected = () => {
    const contents = new DoubleContents();
    const ports: { frames: unknown[]; closed: boolean; post(frame: unknown): void }[] = [];
    acceptPage(contentsOf(contents), (port) => {
      const seen = {
        frames: [] as unknown[],
        closed: false,
        post: (frame: unknown) => port.post(frame as never),
      };
      port.onFrame((frame) => seen.frames.push(frame));
      port.onClose(() => {
        seen.closed = true;
      });
      ports.push(seen);
    });
    const from = (senderFrame: unknown, sender: unknown = contents) => ({ sender, senderFrame });
    const emit = (event: unknown, connection: unknown, frame: unknown) =>
      doubleElectron.ipcMain.emit('llamba:frame', event, connection, frame);
    return { contents, ports, from, emit };
  };

  test('hears the top frame and answers it', () => {
    const { contents, ports, from, emit } = connected();
    emit(from(contents.mainFrame), 0.5, { id: 1 });
    expect(ports[0]?.frames).toEqual([{ id: 1 }]);
    ports[0]?.post({ id: 1, v: 2 });
    expect(contents.sent).toEqual([['llamba:frame', { id: 1, v: 2 }]]);
  });

  test('is deaf to subframes, other pages, other origins, frames that are gone and no connection', () => {
    const { contents, ports, from, emit } = connected();
    const heard = () => ports.flatMap((port) => port.frames);
    emit(from({ url: 'app://llamba/' }), 0.5, 'subframe');
    emit(from(contents.mainFrame, new DoubleContents()), 0.5, 'other page');
    emit(from(null), 0.5, 'gone');
    emit(from(contents.mainFrame), 'x', 'no connection');
    contents.mainFrame.url = 'https://example.com/';
    emit(from(contents.mainFrame), 0.5, 'elsewhere');
    expect(ports).toHaveLength(0);
    contents.mainFrame.url = 'app://llamba/';
    emit(from(contents.mainFrame), 0.5, 'ours');
    emit(from({ url: 'app://llamba/' }), 0.5, 'subframe');
    expect(heard()).toEqual(['ours']);
  });

  test('a reload closes the port before and opens another', () => {
    const { contents, ports, from, emit } = connected();
    emit(from(contents.mainFrame), 0.5, 'one');
    emit(from(contents.mainFrame), 0.5, 'two');
    emit(from(contents.mainFrame), 0.7, 'three');
    expect(ports.map((port) => port.closed)).toEqual([true, false]);
    expect(ports.map((port) => port.frames)).toEqual([['one', 'two'], ['three']]);
    ports[0]?.post('late');
    expect(contents.sent).toEqual([]);
  });

  test.each(['render-process-gone', 'destroyed'])('%s closes it', (name) => {
    const { contents, ports, from, emit } = connected();
    emit(from(contents.mainFrame), 0.5, 'one');
    contents.emit(name);
    expect(ports[0]?.closed).toBe(true);
  });
});

test('the window keeps every secure setting', () => {
  const options = windowOptions({ bounds: null, maximized: false, theme: 'system' }, '/preload.cjs');
  expect(options.webPreferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
  });
  const lowering = [
    'webSecurity',
    'allowRunningInsecureContent',
    'experimentalFeatures',
    'enableBlinkFeatures',
  ];
  for (const name of lowering) expect(options.webPreferences).not.toHaveProperty(name);
});

test('every renderer is sandboxed', () => {
  sandboxAll();
  expect(doubleElectron.app.enableSandbox).toHaveBeenCalledOnce();
});

test('a frame that is not the top one has no address', () => {
  const contents = new DoubleContents();
  const event = (senderFrame: unknown) =>
    ({ sender: contents, senderFrame }) as unknown as Parameters<typeof senderAddress>[0];
  expect(senderAddress(event(contents.mainFrame), contentsOf(contents))).toBe('app://llamba/index.html');
  expect(senderAddress(event({ ...contents.mainFrame }), contentsOf(contents))).toBeNull();
});

describe('shell calls', () => {
  test('an allowed link is opened as parsed, another is refused', async () => {
    const calls = shellCalls(() => {});
    await calls['shell.openExternal']({ url: 'https://GitHub.com/x y' });
    expect(doubleElectron.opened).toEqual(['https://github.com/x%20y']);
    await expect(calls['shell.openExternal']({ url: 'file:///etc/passwd' })).rejects.toMatchObject({
      code: 'unsupported',
    });
    expect(doubleElectron.opened).toHaveLength(1);
  });

  test('the theme is set and remembered', async () => {
    const remembered: string[] = [];
    await shellCalls((theme) => remembered.push(theme))['shell.theme']({ theme: 'dark' });
    expect(doubleElectron.nativeTheme.themeSource).toBe('dark');
    expect(remembered).toEqual(['dark']);
  });

  test('the path that was chosen in the dialog, null when it was closed', async () => {
    const calls = shellCalls(() => {});
    expect(await calls['shell.chooseModel']()).toBeNull();
    doubleElectron.chosen = ['/models/llamba'];
    expect(await calls['shell.chooseModel']()).toEqual({ path: '/models/llamba' });
  });
});
