import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { externalUrl } from '../../electron/shell/external.ts';
import { menuTemplate } from '../../electron/shell/menu.ts';
import {
  parseWindowState,
  readWindowState,
  smallest,
  visibleBounds,
  writeWindowState,
} from '../../electron/shell/window-state.ts';

describe('external links', () => {
  test.each([
    ['https://huggingface.co/cartesia-ai', 'https://huggingface.co/cartesia-ai'],
    ['HTTPS://ArXiv.org/abs/2502.14458', 'https://arxiv.org/abs/2502.14458'],
    ['https://docs.github.com/en', 'https://docs.github.com/en'],
  ])('opens %s', (text, href) => expect(externalUrl(text)).toBe(href));

  test.each([
    'http://huggingface.co/',
    'https://huggingface.co.evil.example/',
    'https://evilgithub.com/',
    'https://user:pass@github.com/',
    'https://github.com:8443/',
    'https://example.com/?leak=text',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'github.com',
    '',
  ])('refuses %s', (text) =>
    expect(() => externalUrl(text)).toThrow(expect.objectContaining({ code: 'unsupported' })),
  );
});

describe('window state', () => {
  const display = { x: 0, y: 0, width: 1440, height: 900 };

  test('survives a round trip', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'llamba-window-')), 'window.json');
    const state = {
      bounds: { x: 10, y: 20, width: 900, height: 600 },
      maximized: true,
      theme: 'dark',
    } as const;
    writeWindowState(file, state);
    expect(readWindowState(file)).toEqual(state);
  });

  test('a missing or broken file is a first start', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'llamba-window-')), 'window.json');
    const first = { bounds: null, maximized: false, theme: 'system' };
    expect(readWindowState(file)).toEqual(first);
    writeFileSync(file, '{"bounds":{"x":1');
    expect(readWindowState(file)).toEqual(first);
  });

  test.each([
    'null',
    '7',
    '{"bounds":{"x":"1","y":0,"width":9,"height":9},"theme":"neon","maximized":"yes"}',
  ])('values of the wrong kind are dropped: %s', (text) =>
    expect(parseWindowState(text)).toEqual({ bounds: null, maximized: false, theme: 'system' }),
  );

  test('bounds on a display that is gone are forgotten', () => {
    const there = { x: 1500, y: 100, width: 900, height: 600 };
    expect(visibleBounds(there, [display])).toBeNull();
    expect(visibleBounds(there, [display, { ...display, x: 1440 }])).toEqual(there);
  });

  test('a window is never smaller than the smallest', () => {
    expect(visibleBounds({ x: 0, y: 0, width: 10, height: 10 }, [display])).toEqual({
      x: 0,
      y: 0,
      ...smallest,
    });
  });
});

describe('menu', () => {
  const roles = (items: ReturnType<typeof menuTemplate>): string[] =>
    items.flatMap((item) => [item.role ?? '', ...(Array.isArray(item.submenu) ? roles(item.submenu) : [])]);

  test('has the standard roles on a Mac', () => {
    const found = roles(menuTemplate('Llamba', true, false));
    expect(found).toEqual(
      expect.arrayContaining(['about', 'services', 'hide', 'quit', 'close', 'copy', 'paste', 'selectAll']),
    );
    expect(found).toEqual(
      expect.arrayContaining(['togglefullscreen', 'minimize', 'zoom', 'front', 'startSpeaking']),
    );
  });

  test('shows developer tools in development only', () => {
    expect(roles(menuTemplate('Llamba', true, false))).not.toContain('toggleDevTools');
    expect(roles(menuTemplate('Llamba', true, true))).toContain('toggleDevTools');
  });

  test('elsewhere has no application menu, and quits from File', () => {
    const [first] = menuTemplate('Llamba', false, false);
    expect(first).toMatchObject({ label: 'File', submenu: [{ role: 'quit' }] });
  });
});
