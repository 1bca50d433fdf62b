/**
 * A double of core behind the real page and the real RPC, for states that the real core shows only for an instant or
 * not at all: a long load, a failed engine, a long prompt being read, a broken connection.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Page, WebSocketRoute } from 'playwright-core';
import { resolveAsset } from '../../electron/shared/assets.ts';
import type {
  AppInfo,
  Contract,
  EngineStatus,
  LoadedModel,
  Metrics,
} from '../../electron/shared/contract.ts';
import { type Handlers, type Port, serve } from '../../electron/shared/rpc.ts';
import { session, storage } from './shapes.ts';

export { session, storage, turn } from './shapes.ts';

const MiB = 2 ** 20;

export const model: LoadedModel = {
  id: 'double',
  name: 'Llamba-135M',
  architecture: 'llamba',
  parameters: 158e6,
  weightBytes: 85 * MiB,
  stateBytes: 5 * MiB,
  stateBytesPerToken: 0,
  bits: 4,
  groupSize: 64,
  vocabulary: 49152,
  width: 576,
  blocks: 30,
  heads: 9,
  headWidth: 64,
  stateSize: 64,
  mlpWidth: 1536,
  safeLength: null,
  lengthProbe: [],
  defaultSystem: 'You are a double.',
  sampling: {
    temperature: 0,
    topK: 0,
    topP: 1,
    minP: 0,
    repetitionPenalty: 1,
    maxTokens: 512,
    seed: null,
    stop: [],
  },
  notes: [],
};

export const info: AppInfo = {
  version: '0.0.0',
  host: 'browser',
  platform: 'linux',
  device: {
    name: 'Double',
    backend: 'cpu',
    architecture: '',
    mlxVersion: '',
    memoryBytes: 0,
    workingSetBytes: 0,
  },
};

export interface Double {
  readonly address: string;
  emit<E extends keyof Contract['events']>(event: E, value: Contract['events'][E]): void;
  /** Breaks the connection, as a server that ends does. */
  breakOff(): Promise<void>;
  /** Sockets opened so far. */
  connections(): number;
  close(): void;
}

/** Serves the built page and answers its calls; `handlers` are what the test is about, `status` the engine's phase. */
export async function coreDouble(
  page: Page,
  handlers: Partial<Handlers<Contract>> = {},
  status: EngineStatus = { phase: 'ready', model },
): Promise<Double> {
  const root = fileURLToPath(new URL('../../dist/renderer', import.meta.url));
  const server = createServer(async (request, response) => {
    const asset = await resolveAsset(
      root,
      new URL(request.url ?? '/', 'http://localhost').pathname,
      "'self'",
    );
    response.writeHead(asset.status, asset.headers).end(asset.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const open = new Map<WebSocketRoute, ReturnType<typeof serve<Contract>>>();
  let connections = 0;
  await page.routeWebSocket(/./, (socket) => {
    connections += 1;
    const served = serve<Contract>(socketPort(socket), {
      'app.info': async () => info,
      'engine.status': async () => status,
      'storage.get': async () => storage,
      'sessions.list': async () => ({ sessions: [], folders: [], presets: [], draft: '' }),
      'sessions.change': async () => session(),
      'drafts.save': async () => ({}),
      ...handlers,
    });
    open.set(socket, served);
  });
  return {
    address: `${origin}/#token=double`,
    emit: (event, value) => {
      for (const served of open.values()) served.emit(event, value);
    },
    async breakOff() {
      for (const socket of open.keys()) await socket.close();
      open.clear();
    },
    connections: () => connections,
    close: () => void server.close(),
  };
}

/** The first frame is the token's. */
function socketPort(socket: WebSocketRoute): Port {
  const listeners: ((frame: unknown) => void)[] = [];
  const closed: (() => void)[] = [];
  socket.onMessage((text) => {
    for (const listener of listeners) listener(JSON.parse(String(text)));
  });
  socket.onClose(() => {
    for (const listener of closed) listener();
  });
  return {
    post: (frame) => socket.send(JSON.stringify(frame)),
    onFrame: (listener) => void listeners.push(listener),
    onClose: (listener) => void closed.push(listener),
  };
}

export const metrics = (at: number, footprintBytes: number): Metrics => ({
  at,
  weightBytes: 85 * MiB,
  stateBytes: 5 * MiB,
  stateCount: 1,
  activeBytes: 100 * MiB,
  cacheBytes: 10 * MiB,
  peakBytes: 120 * MiB,
  footprintBytes,
  thermal: 'nominal',
  decodeTokensPerSecond: 50,
  prefillTokensPerSecond: 400,
  ttftMs: 90,
});
