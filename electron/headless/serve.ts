/**
 * `llamba serve`: the app for a browser on this computer. Loopback only; the page's files are no secret, but the socket
 * wants the token as its first frame, the right Host and our own Origin.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Core } from '../core/core.ts';
import { resolveAsset } from '../shared/assets.ts';
import { AppError } from '../shared/errors.ts';
import { type Port, serve as serveCalls } from '../shared/rpc.ts';
import { checkParams } from '../shared/schemas.ts';
import { splitPort } from '../shared/split-port.ts';
import { localCore, rendererFolder, userData } from './local-core.ts';
import { helpOf, modelOption, parseOptions } from './options.ts';

const options = {
  port: { kind: 'integer', value: 'N', help: 'default: any free one' },
  ...modelOption,
} as const;

export const help = helpOf('serve [options]', 'Serves the app to a browser on this computer.', options);

/** A frame larger than this closes the socket: a long document fits many times. */
const maxFrameBytes = 32 * 2 ** 20;
/** How long a socket may stay without its token. */
const tokenMs = 5000;

export async function serve(args: string[]): Promise<void> {
  const { port = 0, model } = parseOptions(args, options);
  if (port > 65_535) throw noPort;
  const core = localCore('browser', { loadAtStart: model === undefined, data: userData });
  let server: Server;
  try {
    if (model !== undefined) await core.load(model);
    server = await listen(core, port);
  } catch (error) {
    await core.close();
    throw error;
  }
  process.stdout.write(`Llamba is at ${server.address}\nCtrl-C ends it.\n`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  await server.close();
  await core.close();
}

export interface Server {
  /** With the token in its fragment, which a browser never sends. */
  readonly address: string;
  close(): Promise<void>;
}

export async function listen(
  core: Pick<Core, 'accept'>,
  port: number,
  folder = rendererFolder,
): Promise<Server> {
  const token = randomBytes(24).toString('base64url');
  const http = createServer((request, response) => void page(request, response));
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes });
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(port, error)));
    http.listen(port, '127.0.0.1', resolve);
  });
  const { port: actual } = http.address() as AddressInfo;
  const hosts = [`127.0.0.1:${actual}`, `localhost:${actual}`];
  const isHost = (host: string | undefined) => host !== undefined && hosts.includes(host);

  async function page(request: IncomingMessage, response: ServerResponse) {
    if (!isHost(request.headers.host)) return void response.writeHead(421).end();
    if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405).end();
    const [path = '/'] = (request.url ?? '/').split(/[?#]/);
    const { status, headers, body } = await resolveAsset(folder, path, `'self' ws://${request.headers.host}`);
    response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
  }

  http.on('upgrade', (request, socket, head) => {
    const { host, origin } = request.headers;
    const refuse = (status: string) => socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    if (!isHost(host)) return refuse('421 Misdirected Request');
    if (origin !== `http://${host}`) return refuse('403 Forbidden');
    if (request.url !== '/rpc') return refuse('404 Not Found');
    sockets.handleUpgrade(request, socket, head, (opened) => greet(opened, token, core));
  });

  return {
    address: `http://127.0.0.1:${actual}/#token=${token}`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate();
        http.closeAllConnections();
        http.close(() => resolve());
      }),
  };
}

/** The first frame must be the token; only then does anybody listen. */
function greet(socket: WebSocket, token: string, core: Pick<Core, 'accept'>) {
  const late = setTimeout(() => socket.close(4401, 'no token'), tokenMs);
  socket.on('error', () => socket.terminate());
  socket.once('message', (data) => {
    clearTimeout(late);
    const given = (parse(String(data)) as { token?: unknown } | null)?.token;
    if (typeof given !== 'string' || !sameSecret(given, token)) return socket.close(4401, 'wrong token');
    const { shell, core: rest } = splitPort(socketPort(socket));
    serveCalls(shell, hostCalls, checkParams);
    core.accept(rest);
  });
  socket.once('close', () => clearTimeout(late));
}

function socketPort(socket: WebSocket): Port {
  return {
    post: (frame) => socket.readyState === socket.OPEN && socket.send(JSON.stringify(frame)),
    onFrame: (listener) =>
      void socket.on('message', (data) => {
        const frame = parse(String(data));
        if (frame === null) socket.close(4400, 'not JSON');
        else listener(frame);
      }),
    onClose: (listener) => void socket.once('close', listener),
  };
}

/** What only a window's host can do, in a browser. */
const hostCalls = {
  'shell.theme': async () => ({}),
  'shell.openExternal': async () => {
    throw new AppError('unsupported', 'A browser opens links by itself.', 'Follow the link in the page.');
  },
  'shell.chooseModel': async () => {
    throw new AppError(
      'unsupported',
      'A browser cannot choose a folder on this computer.',
      'Write its path in the field.',
    );
  },
};

/** The frame, or null when it is none. */
function parse(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

/** In a time that does not depend on where they differ. */
function sameSecret(given: string, secret: string): boolean {
  const [a, b] = [given, secret].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

const noPort = new AppError(
  'bad-request',
  'A port is from 0 to 65535.',
  'Choose another, or 0 for any free one.',
);
const cannotListen = (port: number, { code }: NodeJS.ErrnoException) =>
  new AppError(
    'busy',
    `Port ${port} cannot be used (${code}).`,
    'Another program may hold it: choose another with --port, or none for any free one.',
  );
