/**
 * A hub on this computer: the paths and headers of the real one, with repositories in memory, and faults on command.
 * Large files are redirected to `/cdn/...?signature=`, as there.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type Fault =
  /** The connection breaks after so many bytes of the body. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Silence after so many bytes; the connection stays. */
  | { readonly kind: 'stall'; readonly after: number }
  /** So many bytes every 5 ms. */
  | { readonly kind: 'drip'; readonly bytes: number }
  /** The answer ends early, and says so in its length. */
  | { readonly kind: 'short'; readonly bytes: number }
  /** The byte at this place of the file is another one. */
  | { readonly kind: 'wrong-byte'; readonly at: number }
  /** The whole file, whatever was asked for. */
  | { readonly kind: 'whole' }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  | { readonly kind: 'redirect'; readonly to: string };

export interface Asked {
  /** Path of the file in its repository. */
  readonly file: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

interface Repository {
  commit: string;
  readonly files: Map<string, Buffer>;
}

export interface Hub {
  readonly address: string;
  /** Requests for bytes of files so far. */
  readonly asked: Asked[];
  /** Connections that were made to it so far. */
  readonly connections: number;
  put(repository: string, path: string, content: Buffer): void;
  /** For the next requests for bytes, one each. */
  next(...faults: (Fault | null)[]): void;
  /** For every one of them; null: none. `null` from a function: that request is answered well. */
  always(fault: ((asked: Asked, n: number) => Fault | null) | null): void;
  /** Is told when bytes of a file begin to be sent (+1) and end (-1). */
  watch(listener: (asked: Asked, change: 1 | -1) => void): void;
  close(): Promise<void>;
}

const known = new WeakMap<Buffer, string>();
function sha256(content: Buffer): string {
  const found = known.get(content) ?? createHash('sha256').update(content).digest('hex');
  known.set(content, found);
  return found;
}
const gitId = (content: Buffer) =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
/** The real hub stores files above 10 MB so; here all but texts. */
const isLarge = (path: string) => !/\.(json|txt)$/.test(path);

export async function startHub(): Promise<Hub> {
  const repositories = new Map<string, Repository>();
  const queue: (Fault | null)[] = [];
  const asked: Asked[] = [];
  let watching: (asked: Asked, change: 1 | -1) => void = () => undefined;
  let rule: ((asked: Asked, n: number) => Fault | null) | null = null;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://hub');
    const [, kind, ...rest] = url.pathname.split('/');
    if (kind === 'api') return api(url, response);
    if (kind === 'loop') return void response.writeHead(302, { location: url.pathname }).end();
    const cdn = kind === 'cdn';
    const [owner, name, , , ...path] = cdn ? rest : [kind, ...rest];
    const repository = repositories.get(`${owner}/${name}`);
    const file = path.join('/');
    const content = repository?.files.get(file);
    if (!repository || !content) return void response.writeHead(404).end('Entry not found');
    const { range, authorization } = request.headers;
    if (isLarge(file) && !cdn) {
      response.writeHead(302, {
        location: `/cdn${url.pathname}?signature=secret`,
        'x-repo-commit': repository.commit,
        'x-linked-size': content.length,
        'x-linked-etag': `"${sha256(content)}"`,
      });
      return void response.end();
    }
    const one = { file, range, authorization };
    asked.push(one);
    watching(one, 1);
    response.once('close', () => watching(one, -1));
    const fault = queue.length > 0 ? queue.shift() : rule?.(one, asked.length - 1);
    await bytes(request, response, content, fault ?? null);
  }

  function api({ pathname }: URL, response: ServerResponse): void {
    const [, , , owner, name, what] = pathname.split('/');
    const repository = repositories.get(`${owner}/${name}`);
    if (!repository) return void response.writeHead(404).end('{"error":"Repository not found"}');
    const { commit, files } = repository;
    const tree = [...files].map(([path, content]) => ({
      type: 'file',
      path,
      size: content.length,
      oid: isLarge(path) ? '0'.repeat(40) : gitId(content),
      ...(isLarge(path) && { lfs: { oid: sha256(content), size: content.length, pointerSize: 130 } }),
    }));
    const folder = { type: 'directory', path: 'original', size: 0, oid: '0'.repeat(40) };
    const found = what === 'revision' ? { id: `${owner}/${name}`, sha: commit } : [folder, ...tree];
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found));
  }

  async function bytes(
    request: IncomingMessage,
    response: ServerResponse,
    content: Buffer,
    fault: Fault | null,
  ): Promise<void> {
    if (fault?.kind === 'status') return void response.writeHead(fault.status, fault.headers).end('busy');
    if (fault?.kind === 'redirect') return void response.writeHead(302, { location: fault.to }).end();
    const etag = `"${sha256(content).slice(0, 32)}"`;
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const condition = request.headers['if-range'];
    const ranged = fault?.kind !== 'whole' && first !== undefined && (!condition || condition === etag);
    const from = ranged ? Number(first) : 0;
    const to = ranged ? Math.min(content.length, Number(last) + 1) : content.length;
    if (from >= content.length) {
      return void response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    }
    let body = content.subarray(from, to);
    if (fault?.kind === 'short') body = body.subarray(0, Math.min(body.length - 1, fault.bytes));
    if (fault?.kind === 'wrong-byte' && fault.at >= from && fault.at < to) {
      body = Buffer.from(body);
      body[fault.at - from] = (body[fault.at - from] as number) ^ 1;
    }
    response.writeHead(ranged ? 206 : 200, {
      etag,
      'content-length': body.length,
      ...(ranged && { 'content-range': `bytes ${from}-${to - 1}/${content.length}` }),
    });
    if (fault?.kind === 'cut') {
      return void response.write(body.subarray(0, fault.after), () => response.destroy());
    }
    if (fault?.kind === 'stall') return void response.write(body.subarray(0, fault.after));
    if (fault?.kind !== 'drip') return void response.end(body);
    for (let at = 0; at < body.length && !response.destroyed; at += fault.bytes) {
      response.write(body.subarray(at, at + fault.bytes));
      await sleep(5);
    }
    response.end();
  }

  const server = createServer((request, response) => void answer(request, response));
  let connections = 0;
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    get connections() {
      return connections;
    },
    put(name, path, content) {
      const files = repositories.get(name)?.files ?? new Map();
      files.set(path, content);
      const names = JSON.stringify([...files].map(([one, bytes]) => [one, sha256(bytes)]));
      repositories.set(name, { commit: createHash('sha1').update(names).digest('hex'), files });
    },
    next: (...faults) => void queue.push(...faults),
    always(fault) {
      rule = fault;
    },
    watch(listener) {
      watching = listener;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
