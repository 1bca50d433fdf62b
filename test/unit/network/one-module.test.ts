import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What opens a connection: modules of Node, packages, and what a page has for it. */
const modules = /from\s+['"](?:node:)?(?:https?|http2|net|tls|dgram|dns(?:\/promises)?|undici|ws|axios)['"]/;
const functions =
  /(?<![\w.'"`/-])(?:fetch|XMLHttpRequest|WebSocket|WebSocketStream|EventSource|sendBeacon|RTCPeerConnection)\s*\(/;
const dynamic =
  /(?:import|require)\(\s*['"](?:node:)?(?:https?|http2|net|tls|dgram|dns(?:\/promises)?|undici|ws)['"]/;
const electronNet = /\bnet\.(?:request|fetch)\s*\(|autoUpdater/;

/** Types cost no connection. */
const withoutTypes = (text: string) =>
  text.replace(/^import type [^;]*;$/gms, '').replace(/^\s*(\*|\/\/|\/\*).*$/gm, '');

const opens = (text: string) =>
  [modules, functions, dynamic, electronNet].some((pattern) => pattern.test(withoutTypes(text)));

/** The only ones, each with its reason. */
const exceptions = {
  'electron/core/network/network.ts': 'the network module',
  'electron/headless/serve.ts': 'listens on this computer for its own page',
  'renderer/app/transport.ts': "the page's way to its own host",
};

const files = globSync('{electron,renderer,models,native-mlx}/**/*.{ts,tsx,mts,js,mjs}', {
  cwd: root,
  exclude: (name) => /node_modules|vendor|^native-mlx\/build/.test(name),
});

describe('the network', () => {
  it('is reached from one module alone', () => {
    expect(files.length).toBeGreaterThan(80);
    const found = files.filter((file) => opens(readFileSync(join(root, file), 'utf8')));
    expect(found.filter((file) => !(file in exceptions))).toEqual([]);
    expect(found).toContain('electron/core/network/network.ts');
  });
  it.each([
    "import http from 'node:http';",
    "import { request, type IncomingMessage } from 'https';",
    "const { connect } = await import('node:net');",
    "const page = await fetch('https://example.com');",
    "new WebSocket('wss://example.com')",
    "import { lookup } from 'node:dns/promises';",
    'net.fetch(url)',
  ])('would be seen in: %s', (text) => {
    expect(opens(text)).toBe(true);
  });
  it.each([
    "import type { IncomingMessage } from 'node:http';",
    'models.fetch(one); prefetch(two); fetchFile(three);',
    '// fetch(it) by hand',
  ])('is not mistaken for: %s', (text) => {
    expect(opens(text)).toBe(false);
  });
});
