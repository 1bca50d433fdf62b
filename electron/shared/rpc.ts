/**
 * One RPC for every hop: JSON-safe frames over a Port. A contract names calls (one answer), streams (items, then a
 * result) and events; both sides are typed by it. A closed port rejects the client's calls and aborts the server's.
 */
import type { Contract } from './contract.ts';
import { AppError, type AppErrorValue, fromErrorValue, toErrorValue } from './errors.ts';

export type Frame =
  | { readonly t: 'req'; readonly id: number; readonly m: string; readonly p: unknown }
  | { readonly t: 'cxl'; readonly id: number }
  | { readonly t: 'itm'; readonly id: number; readonly v: unknown }
  | { readonly t: 'res'; readonly id: number; readonly v: unknown }
  | { readonly t: 'err'; readonly id: number; readonly e: AppErrorValue }
  | { readonly t: 'evt'; readonly n: string; readonly v: unknown };

/** A two-way channel. Frames that arrive are not trusted to have the type of a Frame. */
export interface Port {
  post(frame: unknown): void;
  onFrame(listener: (frame: unknown) => void): void;
  onClose(listener: () => void): void;
}

interface Shape {
  calls: Record<keyof never, { params: unknown; result: unknown }>;
  streams: Record<keyof never, { params: unknown; item: unknown; result: unknown }>;
  events: Record<keyof never, unknown>;
}
type Of<C> = { [K in keyof Shape]: K extends keyof C ? C[K] : never };
type Calls<C> = Of<C>['calls'];
type Streams<C> = Of<C>['streams'];
type Events<C> = Of<C>['events'];
type Part<T, K extends string> = T extends Record<K, infer V> ? V : never;

export interface Client<C = Contract> {
  call<M extends keyof Calls<C> & string>(
    method: M,
    params: Part<Calls<C>[M], 'params'>,
    signal?: AbortSignal,
  ): Promise<Part<Calls<C>[M], 'result'>>;
  /** Aborting `signal` asks the server to stop; the stream then ends as the server decides, usually with its result. */
  stream<M extends keyof Streams<C> & string>(
    method: M,
    params: Part<Streams<C>[M], 'params'>,
    onItem: (item: Part<Streams<C>[M], 'item'>) => void,
    signal?: AbortSignal,
  ): Promise<Part<Streams<C>[M], 'result'>>;
  /** Returns the way to stop listening. */
  on<E extends keyof Events<C> & string>(event: E, listener: (value: Events<C>[E]) => void): () => void;
}

export type Handlers<C> = {
  [M in keyof Calls<C>]: (
    params: Part<Calls<C>[M], 'params'>,
    context: { signal: AbortSignal },
  ) => Promise<Part<Calls<C>[M], 'result'>>;
} & {
  [M in keyof Streams<C>]: (
    params: Part<Streams<C>[M], 'params'>,
    context: { signal: AbortSignal; emit: (item: Part<Streams<C>[M], 'item'>) => void },
  ) => Promise<Part<Streams<C>[M], 'result'>>;
};

/** Checks the params of one method, or throws an AppError `bad-request`. */
export type Check = (method: string, params: unknown) => unknown;

export function client<C = Contract>(port: Port): Client<C> {
  interface Pending {
    resolve(value: unknown): void;
    reject(error: AppError): void;
    onItem?: ((item: unknown) => void) | undefined;
  }
  const pending = new Map<number, Pending>();
  const listeners = new Map<string, Set<(value: unknown) => void>>();
  let count = 0;
  let closed = false;

  port.onFrame((received) => {
    const frame = received as Frame;
    if (frame.t === 'evt') {
      for (const listener of listeners.get(frame.n) ?? []) listener(frame.v);
      return;
    }
    if (frame.t !== 'itm' && frame.t !== 'res' && frame.t !== 'err') return;
    const request = pending.get(frame.id);
    if (!request) return;
    if (frame.t === 'itm') return request.onItem?.(frame.v);
    pending.delete(frame.id);
    if (frame.t === 'res') request.resolve(frame.v);
    else request.reject(fromErrorValue(frame.e));
  });
  port.onClose(() => {
    closed = true;
    for (const request of pending.values()) request.reject(portClosed());
    pending.clear();
  });

  function request(m: string, p: unknown, onItem?: (item: never) => void, signal?: AbortSignal) {
    return new Promise((resolve, reject) => {
      if (closed) return reject(portClosed());
      const id = ++count;
      const cancel = () => port.post({ t: 'cxl', id });
      const settle =
        <T>(with_: (value: T) => void) =>
        (value: T) => {
          signal?.removeEventListener('abort', cancel);
          with_(value);
        };
      pending.set(id, {
        resolve: settle(resolve),
        reject: settle(reject),
        onItem: onItem as (item: unknown) => void,
      });
      port.post({ t: 'req', id, m, p });
      if (signal?.aborted) cancel();
      else signal?.addEventListener('abort', cancel);
    });
  }
  return {
    call: (method, params, signal) => request(method, params, undefined, signal) as never,
    stream: (method, params, onItem, signal) => request(method, params, onItem, signal) as never,
    on(event, listener) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set);
      set.add(listener as (value: unknown) => void);
      return () => set.delete(listener as (value: unknown) => void);
    },
  };
}

/** Answers the requests of one port; `handlers` may be a part of the contract: other methods are `unsupported`. */
export function serve<C = Contract>(
  port: Port,
  handlers: Partial<Handlers<C>>,
  check: Check = (_method, params) => params,
): { emit<E extends keyof Events<C> & string>(event: E, value: Events<C>[E]): void } {
  const running = new Map<number, AbortController>();
  let closed = false;

  async function answer(id: number, method: string, params: unknown) {
    const abort = new AbortController();
    running.set(id, abort);
    try {
      // Own properties only: `__proto__` and `toString` are no methods.
      if (!Object.hasOwn(handlers, method)) throw unknownMethod(method);
      const handler = handlers[method as keyof typeof handlers] as (
        p: unknown,
        c: object,
      ) => Promise<unknown>;
      const emit = (v: unknown) => !closed && port.post({ t: 'itm', id, v });
      const v = await handler(check(method, params), { signal: abort.signal, emit });
      if (!closed) port.post({ t: 'res', id, v });
    } catch (thrown) {
      if (!closed) port.post({ t: 'err', id, e: toErrorValue(thrown) });
    } finally {
      running.delete(id);
    }
  }

  port.onFrame((received) => {
    const frame = received as Partial<Record<'t' | 'id' | 'm' | 'p', unknown>> | null;
    if (typeof frame?.id !== 'number') return;
    if (frame.t === 'cxl') running.get(frame.id)?.abort();
    if (frame.t === 'req' && !running.has(frame.id)) void answer(frame.id, String(frame.m), frame.p);
  });
  port.onClose(() => {
    closed = true;
    for (const abort of running.values()) abort.abort();
  });
  return {
    emit(event, value) {
      if (!closed) port.post({ t: 'evt', n: event, v: value });
    },
  };
}

/** Two ends of a channel inside one process. Closing one closes both. */
export function portPair(): [Port & { close(): void }, Port & { close(): void }] {
  const ends = [0, 1].map(() => ({ frame: [] as ((f: unknown) => void)[], close: [] as (() => void)[] }));
  let closed = false;
  const close = () => {
    if (closed) return;
    closed = true;
    for (const end of ends) for (const listener of end.close) listener();
  };
  const make = (mine: number): Port & { close(): void } => ({
    post: (frame) =>
      queueMicrotask(() => {
        if (!closed) for (const listener of ends[1 - mine]?.frame ?? []) listener(frame);
      }),
    onFrame: (listener) => void ends[mine]?.frame.push(listener),
    onClose: (listener) => void ends[mine]?.close.push(listener),
    close,
  });
  return [make(0), make(1)];
}

const portClosed = () =>
  new AppError('port-closed', 'The connection was closed before an answer came.', 'Connect and try again.');
const unknownMethod = (method: string) =>
  new AppError(
    'unsupported',
    `There is no call named ${JSON.stringify(method.slice(0, 60))}.`,
    'The interface and the core are of different versions: reload the page.',
  );
