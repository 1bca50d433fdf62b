/**
 * The network: the only module that opens a connection to the outside (a test holds that). Every request is in the
 * ledger before its first byte leaves; "Offline" refuses new ones and ends those under way. Redirects are followed here,
 * each hop a request of its own; the token goes to the hub alone. Proxy variables (HTTP_PROXY, HTTPS_PROXY, NO_PROXY)
 * count.
 */
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { NetworkState } from '../../shared/contract.ts';
import { connectionError, NetworkError, offlineError, stalledError } from './failures.ts';
import { openLedger } from './ledger.ts';
import { isRedirect, nextHop, safeUrl } from './redirects.ts';
import { meter, type Stall, watchStall } from './traffic.ts';

export const defaultHub = 'https://huggingface.co';

export interface NetworkOptions {
  /** Where the ledger and the settings are kept; null: in memory. */
  readonly folder: string | null;
  readonly stall?: Stall;
  readonly env?: NodeJS.ProcessEnv;
  /** Where the hub's token is kept; default: nowhere, it ends with the app. */
  readonly token?: Secret;
}

export interface Secret {
  read(): string | null;
  /** null forgets it. */
  write(secret: string | null): void;
}

const forgetful: Secret = { read: () => null, write: () => undefined };

export interface Request {
  /** Why, in words for the user. */
  readonly purpose: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly host: string;
  /** Headers of the redirects on the way. */
  readonly via: readonly IncomingHttpHeaders[];
  /** Read it to its end, or leave the loop: that closes the connection. Fails with a NetworkError. */
  readonly body: AsyncIterable<Buffer>;
  /** For who does not read the body. Resolves when its connection is free again, or cut. */
  discard(): Promise<void>;
}

type Stop = (reason: Error, word: string) => void;

export type Network = ReturnType<typeof createNetwork>;

export function createNetwork(options: NetworkOptions) {
  const { folder, stall = { ms: 30_000, bytes: 1024 }, env = process.env, token: kept = forgetful } = options;
  const ledger = openLedger(folder);
  const agents = {
    'http:': new http.Agent({ keepAlive: true, proxyEnv: env }),
    'https:': new https.Agent({ keepAlive: true, proxyEnv: env }),
  };
  const running = new Set<Stop>();
  const listeners = new Set<() => void>();
  let token = kept.read();

  const isOffline = () => ledger.setting('offline') === 'true';
  const hub = () => ledger.setting('hub') ?? defaultHub;
  const changed = () => {
    for (const listener of listeners) listener();
  };

  /** One GET and the head of its answer, redirects followed. Throws a NetworkError, or the signal's reason. */
  async function get(address: string, request: Request): Promise<Answer> {
    const way = [safeUrl(address)];
    const via: IncomingHttpHeaders[] = [];
    for (;;) {
      const answer = await send(way.at(-1) as URL, request, via);
      if (!isRedirect(answer.status)) return answer;
      await answer.discard();
      via.push(answer.headers);
      way.push(nextHop(way, answer.headers.location));
    }
  }

  function send(
    url: URL,
    { purpose, headers = {}, signal }: Request,
    via: readonly IncomingHttpHeaders[],
  ): Promise<Answer> {
    signal?.throwIfAborted();
    if (isOffline()) throw offlineError();
    const begun = performance.now();
    const at = ledger.begin({ at: Date.now(), purpose, host: url.host, path: url.pathname });
    const secret = token !== null && url.origin === new URL(hub()).origin ? token : null;
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      agent: agents[url.protocol as keyof typeof agents],
      headers: {
        'user-agent': 'llamba-desktop',
        ...headers,
        ...(secret !== null && { authorization: `Bearer ${secret}` }),
      },
    });
    const traffic = meter(request);

    let result = 'no answer';
    let response: IncomingMessage | null = null as IncomingMessage | null;
    /** What ended it before its end: from our side, with the ledger's word for it. */
    let ended: { reason: Error; word: string } | null = null;
    const failure = (error: NodeJS.ErrnoException) => ended?.reason ?? connectionError(url.host, error);
    const stop: Stop = (reason, word) => {
      ended ??= { reason, word };
      request.destroy(); // not with the reason: a connection that is just given back would throw it at nobody
    };
    const aborted = () => stop(signal?.reason, 'stopped');
    const unwatch = watchStall(request, traffic, stall, () => stop(stalledError(url.host), 'stalled'));
    running.add(stop);
    signal?.addEventListener('abort', aborted);
    changed();
    request.once('close', () => {
      unwatch();
      running.delete(stop);
      signal?.removeEventListener('abort', aborted);
      if (response?.complete === false) result += `, ${ended?.word ?? 'cut'}`;
      ledger.end(at, { ...traffic(), ms: performance.now() - begun, result });
      changed();
    });

    return new Promise((resolve, reject) => {
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (response) return;
        result = ended?.word ?? error.code ?? 'failed';
        reject(failure(error));
      });
      request.once('response', (given) => {
        response = given;
        result = String(given.statusCode);
        given.on('error', () => undefined); // who reads the body is told
        resolve({
          status: given.statusCode ?? 0,
          headers: given.headers,
          host: url.host,
          via,
          body: bodyOf(given, failure),
          discard: () => discard(given),
        });
      });
      request.end();
    });
  }

  return {
    get,
    page: ledger.page,
    get hub() {
      return hub();
    },
    state: (): NetworkState => ({
      offline: isOffline(),
      hub: hub(),
      hasToken: token !== null,
      ...ledger.totals(),
      active: running.size,
    }),
    setOffline(offline: boolean) {
      ledger.set('offline', String(offline));
      if (offline) for (const stop of running) stop(offlineError(), 'offline');
      changed();
    },
    /** Throws a NetworkError for an address that is not safe. */
    setHub(address: string) {
      ledger.set('hub', safeUrl(address).href.replace(/\/+$/, ''));
      changed();
    },
    setToken(next: string | null) {
      token = next;
      kept.write(next);
      changed();
    },
    /** Gives the way to stop listening. */
    onChange(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** Ends what is under way; the ledger is closed when all of it has been written. */
    async close(): Promise<void> {
      for (const stop of running) stop(closingError(), 'closing');
      while (running.size > 0) await new Promise((resolve) => setImmediate(resolve));
      for (const agent of Object.values(agents)) agent.destroy();
      ledger.close();
    },
  };
}

async function* bodyOf(response: IncomingMessage, failure: (error: Error) => Error): AsyncIterable<Buffer> {
  try {
    yield* response;
  } catch (error) {
    throw failure(error as Error);
  }
}

/** Reads a short body to its end, so that its connection can carry the next request; a long one is cut. */
async function discard(response: IncomingMessage): Promise<void> {
  let bytes = 0;
  try {
    for await (const piece of response) {
      bytes += piece.length;
      if (bytes > 65_536) return;
    }
  } catch {
    // Nobody wanted it, so nobody misses it; the ledger has it.
  }
}

const closingError = () =>
  new NetworkError('cancelled', 'Llamba is closing.', 'Start it again: it goes on where it stopped.');
