/** The interface's files as a web server or app:// gives them: checked paths, types, and the page's policy. */
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

export interface Asset {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array<ArrayBuffer> | null;
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/** `connect` is what the page may talk to: nothing in Electron, the serving origin's socket in a browser. */
export const contentPolicy = (connect = "'none'") =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** The file for a URL's path (still percent-encoded) under `root`; 404 for whatever is not plainly inside it. */
export async function resolveAsset(root: string, pathname: string, connect?: string): Promise<Asset> {
  const headers = {
    'content-security-policy': contentPolicy(connect),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
  const file = fileOf(root, pathname);
  const type = file && types[extname(file)];
  if (!file || !type) return { status: 404, headers, body: null };
  try {
    return {
      status: 200,
      headers: { ...headers, 'content-type': type },
      body: new Uint8Array(await readFile(file)),
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { status: notThere.has(code ?? '') ? 404 : 500, headers, body: null };
  }
}

const notThere = new Set(['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG']);

function fileOf(root: string, pathname: string): string | null {
  // Encoded dots, slashes and NULs have no place in our own file names: no decoding, so no tricks.
  if (!/^\/[\w\-./]*$/.test(pathname) || pathname.includes('//') || pathname.includes('..')) return null;
  const file = normalize(join(root, pathname === '/' ? 'index.html' : pathname));
  return file.startsWith(normalize(root) + sep) ? file : null;
}
