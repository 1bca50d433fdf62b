import { mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { listen, type Server } from '../../electron/headless/serve.ts';
import type { Port } from '../../electron/shared/rpc.ts';

const folder = mkdtempSync(join(tmpdir(), 'page-'));
writeFileSync(join(folder, 'index.html'), '<!doctype html>');
const accepted: Port[] = [];
let server: Server;
let origin: string;
let token: string;
beforeAll(async () => {
  server = await listen({ accept: (port) => void accepted.push(port) }, 0, folder);
  const address = new URL(server.address);
  origin = address.origin;
  token = new URLSearchParams(address.hash.slice(1)).get('token') ?? '';
});
afterAll(() => server.close());

/** The status for a request whose path and headers are sent exactly as given. */
const status = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Promise<number>((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    request({ hostname, port, path, headers, method }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

const open = (headers: Record<string, string> = {}, path = '/rpc') =>
  new WebSocket(`${origin.replace('http', 'ws')}${path}`, { headers: { origin, ...headers } });
/** How a socket ended: the HTTP status that refused it, or its close code. */
const end = (socket: WebSocket) =>
  new Promise<number>((resolve) => {
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('close', (code) => resolve(code));
    socket.on('error', () => undefined);
  });

describe('the browser host', () => {
  it('listens on loopback only, and keeps the token out of what a browser sends', () => {
    expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(server.address).toContain('/#token=');
    expect(token.length).toBeGreaterThanOrEqual(32);
  });
  it('gives the page', async () => {
    expect(await status('/')).toBe(200);
    expect(await status('/', {}, 'POST')).toBe(405);
  });
  it('answers 421 to another Host', async () => {
    expect(await status('/', { host: 'evil.example' })).toBe(421);
    expect(await end(open({ host: 'evil.example' }))).toBe(421);
  });
  for (const path of ['/..%2f..%2fetc/passwd', '/%2e%2e/x', '/a%00', '//etc/passwd', '/../package.json']) {
    it(`answers 404 to ${path}`, async () => expect(await status(path)).toBe(404));
  }
  it('refuses a socket of another origin, or of none', async () => {
    expect(await end(open({ origin: 'http://evil.example' }))).toBe(403);
    expect(await end(open({ origin: 'null' }))).toBe(403);
    expect(await end(open({}, '/other'))).toBe(404);
  });
  for (const first of [
    '{"token":"wrong"}',
    '{}',
    'null',
    'no JSON',
    '{"token":7}',
    '{"t":"req","id":1,"m":"app.info","p":{}}',
  ]) {
    it(`closes a socket whose first frame is ${first}`, async () => {
      const before = accepted.length;
      const socket = open();
      socket.on('open', () => socket.send(first));
      expect(await end(socket)).toBe(4401);
      expect(accepted.length).toBe(before);
    });
  }
  it('hands a socket with the token to core, but keeps shell calls from it', async () => {
    const before = accepted.length;
    const socket = open();
    await new Promise((resolve) => socket.on('open', resolve));
    const answers: { id: number }[] = [];
    const answered = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        answers.push(JSON.parse(String(data)));
        if (answers.length === 2) resolve();
      });
    });
    socket.send(JSON.stringify({ token }));
    socket.send(JSON.stringify({ t: 'req', id: 1, m: 'shell.theme', p: { theme: 'dark' } }));
    socket.send(JSON.stringify({ t: 'req', id: 2, m: 'shell.theme', p: { theme: 'pink' } }));
    await answered;
    expect(answers.sort((a, b) => a.id - b.id)).toEqual([
      { t: 'res', id: 1, v: {} },
      { t: 'err', id: 2, e: expect.objectContaining({ code: 'bad-request' }) },
    ]);
    expect(accepted.length).toBe(before + 1);
    socket.close();
  });
  it('closes a socket that sends no JSON later', async () => {
    const socket = open();
    socket.on('open', () => {
      socket.send(JSON.stringify({ token }));
      socket.send('not JSON');
    });
    expect(await end(socket)).toBe(4400);
  });
  it('closes a socket whose frame is too large', async () => {
    const socket = open();
    socket.on('open', () => {
      socket.send(JSON.stringify({ token }));
      socket.send('x'.repeat(33 * 2 ** 20));
    });
    expect(await end(socket)).toBe(1009);
  });
  it('says which port is taken', async () => {
    const port = Number(new URL(origin).port);
    await expect(listen({ accept: () => undefined }, port, folder)).rejects.toMatchObject({ code: 'busy' });
  });
});
