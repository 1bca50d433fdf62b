/** Picks the way to core: the preload's bridge where there is one, else a WebSocket to the server that sent this page. */
import { AppError } from '../../electron/shared/errors.ts';
import type { Port } from '../../electron/shared/rpc.ts';

/** What electron/shell/preload.ts puts on the window. */
export interface Bridge {
  readonly host: 'electron';
  post(frame: unknown): void;
  subscribe(onFrame: (frame: unknown) => void): () => void;
}

declare global {
  interface Window {
    readonly llamba?: Bridge;
  }
}

/** An open port; rejects with an AppError when core cannot be reached. */
export function openPort(): Promise<Port> {
  return window.llamba ? Promise.resolve(bridgePort(window.llamba)) : socketPort(location);
}

/** The bridge lives as long as the page: it never closes. */
function bridgePort(bridge: Bridge): Port {
  return {
    post: (frame) => bridge.post(frame),
    onFrame: (listener) => void bridge.subscribe(listener),
    onClose: () => undefined,
  };
}

const unreachable = () =>
  new AppError(
    'port-closed',
    'Llamba cannot be reached.',
    'See whether npm start is still running, then reconnect.',
  );

/** The token comes in the address's fragment, which no server sees, and goes out as the socket's first frame. */
function socketPort({ protocol, host, hash }: Location): Promise<Port> {
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? '';
  const socket = new WebSocket(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}/rpc`);
  return new Promise((resolve, reject) => {
    socket.addEventListener('close', () => reject(unreachable()));
    socket.addEventListener('open', () => {
      socket.send(JSON.stringify({ token }));
      resolve({
        post: (frame) => socket.send(JSON.stringify(frame)),
        onFrame: (listener) =>
          socket.addEventListener('message', (event) => listener(JSON.parse(String(event.data)))),
        onClose: (listener) => socket.addEventListener('close', () => listener()),
      });
    });
  });
}
