/** What no page may do, in the words of Electron 45, against a double of the `electron` module. */
import { describe, expect, test, vi } from 'vitest';
import { DoubleContents, DoubleSession } from './double-electron.ts';

vi.mock('electron', async () => (await import('./double-electron.ts')).doubleElectron);

const { guardContents, guardSession } = await import('../../electron/shell/guard.ts');

describe('permissions', () => {
  const guarded = () => {
    const session = new DoubleSession();
    guardSession(session as unknown as Parameters<typeof guardSession>[0]);
    return session;
  };
  const ours = new DoubleContents();
  const strange = new DoubleContents();
  strange.mainFrame.url = 'https://example.com/';
  const asked = (contents: DoubleContents, permission: string) =>
    new Promise((resolve) => guarded().request(contents, permission, resolve));

  test.each([
    'media',
    'geolocation',
    'notifications',
    'clipboard-read',
    'openExternal',
    'hid',
    'fileSystem',
    'unknown',
  ])('%s is refused', async (permission) => {
    expect(await asked(ours, permission)).toBe(false);
    expect(guarded().check(ours, permission, 'app://llamba/')).toBe(false);
  });

  test('copying is granted to the app page and to no other', async () => {
    expect(await asked(ours, 'clipboard-sanitized-write')).toBe(true);
    expect(await asked(strange, 'clipboard-sanitized-write')).toBe(false);
    expect(guarded().check(null, 'clipboard-sanitized-write', 'app://llamba/')).toBe(true);
    expect(guarded().check(null, 'clipboard-sanitized-write', 'app://llamba.evil/')).toBe(false);
  });

  test('devices and the screen are refused', () => {
    const session = guarded();
    expect(session.device()).toBe(false);
    session.display({}, (streams) => expect(streams).toBeNull());
    expect.assertions(2);
  });

  test.each([
    ['app://llamba/index.js', false],
    ['blob:app://llamba/7b1c', false],
    ['blob:https://example.com/7b1c', true],
    ['devtools://devtools/bundled/inspector.html', false],
    ['https://example.com/', true],
    ['http://127.0.0.1:8080/', true],
    ['file:///etc/passwd', true],
    ['app://other/', true],
  ])('a request for %s: cancelled is %s', (url, cancel) => {
    guarded().beforeRequest({ url }, (response) => expect(response).toEqual({ cancel }));
    expect.assertions(1);
  });
});

describe('downloads', () => {
  const download = (url: string, page = 'app://llamba/index.html') => {
    const session = new DoubleSession();
    guardSession(session as unknown as Parameters<typeof guardSession>[0]);
    const contents = new DoubleContents();
    contents.mainFrame.url = page;
    const event = { preventDefault: vi.fn() };
    const item = {
      getURL: () => url,
      getFilename: () => 'Rain.llamba',
      setSaveDialogOptions: vi.fn(),
      setSavePath: vi.fn(),
    };
    session.emit('will-download', event, item, contents);
    // Electron asks where to save whatever has no path yet.
    expect(item.setSavePath).not.toHaveBeenCalled();
    return { prevented: event.preventDefault.mock.calls.length > 0, asked: item.setSaveDialogOptions };
  };

  test('a file that the page made is saved where the user says', () => {
    const { prevented, asked } = download('blob:app://llamba/7b1c');
    expect(prevented).toBe(false);
    expect(asked).toHaveBeenCalledWith({ defaultPath: 'Rain.llamba' });
  });

  test.each([
    ['https://example.com/a.zip', undefined],
    ['blob:https://example.com/7b1c', undefined],
    ['blob:app://llamba.evil/7b1c', undefined],
    ['app://llamba/index.js', undefined],
    ['data:text/plain,x', undefined],
    ['file:///etc/passwd', undefined],
    ['blob:app://llamba/7b1c', 'https://example.com/'],
  ])('%s is refused', (url, page) => expect(download(url, page).prevented).toBe(true));
});

describe('navigation', () => {
  const guarded = () => {
    const contents = new DoubleContents();
    const links: string[] = [];
    guardContents(contents as unknown as Parameters<typeof guardContents>[0], (url) => links.push(url));
    return { contents, links };
  };

  test.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])(
    '%s stays within the origin',
    (name) => {
      const { contents } = guarded();
      const prevented = (url: string) => {
        const event = { url, preventDefault: vi.fn() };
        contents.emit(name, event, url);
        return event.preventDefault.mock.calls.length > 0;
      };
      expect(prevented('app://llamba/index.html#x')).toBe(false);
      for (const url of [
        'https://example.com/',
        'app://llamba.evil/',
        'file:///etc/passwd',
        'about:blank',
        'not one',
      ]) {
        expect(prevented(url), url).toBe(true);
      }
    },
  );

  test('no window opens, and its address is told', () => {
    const { contents, links } = guarded();
    expect(contents.windowOpenHandler({ url: 'https://arxiv.org/' })).toEqual({ action: 'deny' });
    expect(links).toEqual(['https://arxiv.org/']);
  });

  test('no webview is attached', () => {
    const { contents } = guarded();
    const event = { preventDefault: vi.fn() };
    contents.emit('will-attach-webview', event);
    expect(event.preventDefault).toHaveBeenCalledOnce();
  });
});
