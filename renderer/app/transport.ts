/** Picks the way to core: the preload's bridge where there is one, else a WebSocket to the server that sent this page. */
import { AppError } from '../../electron/shared/errors.ts';
import type { Port } from '../../electron/shared/rpc.ts';

/** What electron/shell/preload.ts puts on the window. */
export interface Bridge {
  readonly host: 'electron';
  post(frame: unknown): void;
  subscribe(onFrame: (frame: unknown) => void): () => void;
  /** Where a dropped file or folder lies; empty when Electron does not tell. */
  pathOf?(file: File): string;
}

declare global {
  interface Window {
    readonly llamba?: Bridge;
  }
}

export interface PagePort extends Port {
  /** After the close: why this page is not let in, so that trying again is of no use; else null. */
  refused(): AppError | null;
}

/** An open port; rejects with an AppError when core cannot be reached. */
export function openPort(): Promise<PagePort> {
  return window.llamba ? Promise.resolve(bridgePort(window.llamba)) : socketPort(location);
}

/** The bridge lives as long as the page: it never closes. */
function bridgePort(bridge: Bridge): PagePort {
  return {
    post: (frame) => bridge.post(frame),
    onFrame: (listener) => void bridge.subscribe(listener),
    onClose: () => undefined,
    refused: () => null,
  };
}

const unreachable = () =>
  new AppError(
    'port-closed',
    'Llamba cannot be reached.',
    'See whether npm start is still running, then reconnect.',
  );

const outdated = () =>
  new AppError(
    'port-closed',
    'This page belongs to an earlier start of Llamba.',
    'Open the address that Llamba printed when it was started.',
  );

/** The server's code for a socket without the right token (electron/headless/serve.ts). */
const wrongToken = 4401;

/** The token comes in the address's fragment, which no server sees, and goes out as the socket's first frame. */
function socketPort({ protocol, host, hash }: Location): Promise<PagePort> {
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? '';
  const socket = new WebSocket(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}/rpc`);
  return new Promise((resolve, reject) => {
    let code = 0;
    socket.addEventListener('close', (event) => {
      code = event.code;
      reject(unreachable());
    });
    socket.addEventListener('open', () => {
      socket.send(JSON.stringify({ token }));
      resolve({
        post: (frame) => socket.send(JSON.stringify(frame)),
        onFrame: (listener) =>
          socket.addEventListener('message', (event) => listener(JSON.parse(String(event.data)))),
        onClose: (listener) => socket.addEventListener('close', () => listener()),
        refused: () => (code === wrongToken ? outdated() : null),
      });
    });
  });
}
