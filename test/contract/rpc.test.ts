import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket as Socket, type WebSocket, WebSocketServer } from 'ws';
import { client, type Port, portPair, serve } from '../../electron/shared/rpc.ts';
import { type Abc, abc } from './rpc-handlers.ts';

/** The same laws for every way that frames travel. `close` is the server's end going away. */
interface Link {
  port: Port;
  close(): void;
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function inProcess(): Promise<Link> {
  const [mine, theirs] = portPair();
  serve<Abc>(theirs, abc());
  return Promise.resolve({ port: mine, close: () => theirs.close() });
}

function overChannel(): Promise<Link> {
  const { port1, port2 } = new MessageChannel();
  const port = (end: MessagePort): Port => ({
    post: (frame) => end.postMessage(frame),
    onFrame: (listener) => void end.on('message', listener),
    onClose: (listener) => void end.once('close', listener),
  });
  serve<Abc>(port(port2), abc());
  closing.push(() => port2.close());
  return Promise.resolve({ port: port(port1), close: () => port2.close() });
}

async function overFork(): Promise<Link> {
  const child = fork(fileURLToPath(new URL('./rpc-child.ts', import.meta.url)));
  closing.push(() => child.kill());
  await once(child, 'message');
  const port: Port = {
    post: (frame) => child.connected && child.send(frame as object),
    onFrame: (listener) => void child.on('message', listener),
    onClose: (listener) => void child.once('exit', listener),
  };
  return { port, close: () => child.kill('SIGKILL') };
}

async function overSocket(): Promise<Link> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  closing.push(() => server.close());
  await once(server, 'listening');
  const port = (socket: WebSocket): Port => ({
    post: (frame) => socket.readyState === socket.OPEN && socket.send(JSON.stringify(frame)),
    onFrame: (listener) => void socket.on('message', (data) => listener(JSON.parse(String(data)))),
    onClose: (listener) => void socket.once('close', listener),
  });
  server.on('connection', (socket) => serve<Abc>(port(socket), abc()));
  const socket = new Socket(`ws://127.0.0.1:${(server.address() as { port: number }).port}`);
  await once(socket, 'open');
  return {
    port: port(socket),
    close: () => {
      for (const each of server.clients) each.terminate();
    },
  };
}

describe.each([
  ['in one process', inProcess],
  ['over a MessageChannel', overChannel],
  ['over a fork', overFork],
  ['over a WebSocket', overSocket],
])('RPC %s', (_name, open) => {
  it('answers calls, also many at once', async () => {
    const rpc = client<Abc>((await open()).port);
    const sums = Array.from({ length: 50 }, (_, i) => rpc.call('add', { a: i, b: 1 }));
    expect(await Promise.all(sums)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });
  it('keeps items in order, before the result', async () => {
    const rpc = client<Abc>((await open()).port);
    const items: number[] = [];
    expect(await rpc.stream('count', { to: 100 }, (item) => items.push(item))).toBe('counted');
    expect(items).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
  it('carries code, message and hint of an error', async () => {
    const rpc = client<Abc>((await open()).port);
    await expect(rpc.call('fail', {})).rejects.toMatchObject({
      code: 'disk-full',
      message: 'The disk is full.',
      hint: 'Make room.',
    });
  });
  it('knows no methods but its own', async () => {
    const rpc = client<Abc>((await open()).port);
    for (const name of ['__proto__', 'toString', 'constructor', 'nope']) {
      await expect(rpc.call(name as 'add', { a: 1, b: 1 })).rejects.toMatchObject({ code: 'unsupported' });
    }
  });
  it('cancels a stream, which then ends as the server says', async () => {
    const rpc = client<Abc>((await open()).port);
    const abort = new AbortController();
    const ended = rpc.stream('forever', {}, () => abort.abort(), abort.signal);
    expect(await ended).toBe('stopped');
  });
  it('rejects what waits when the other end goes away', async () => {
    const link = await open();
    const rpc = client<Abc>(link.port);
    const waiting = rpc.stream('forever', {}, () => link.close());
    await expect(waiting).rejects.toMatchObject({ code: 'port-closed' });
    await expect(rpc.call('add', { a: 1, b: 1 })).rejects.toMatchObject({ code: 'port-closed' });
  });
});

describe('RPC server', () => {
  it('aborts what runs when the port closes', async () => {
    const [mine, theirs] = portPair();
    const stopped = new Promise<string>((resolve) => {
      serve<Abc>(theirs, {
        forever: (_params, { signal, emit }) => {
          signal.addEventListener('abort', () => resolve('aborted'));
          emit(0);
          return new Promise(() => undefined);
        },
      });
    });
    void client<Abc>(mine)
      .stream('forever', {}, () => mine.close())
      .catch(() => undefined);
    expect(await stopped).toBe('aborted');
  });
  it('is deaf to what is no frame', async () => {
    const [mine, theirs] = portPair();
    serve<Abc>(theirs, abc());
    for (const junk of [
      null,
      7,
      'req',
      [],
      {},
      { t: 'req' },
      { t: 'req', id: 'x', m: 'add' },
      { t: 'cxl', id: 99 },
    ])
      mine.post(junk);
    expect(await client<Abc>(mine).call('add', { a: 2, b: 2 })).toBe(4);
  });
  it('sends events to those who listen, until they stop', async () => {
    const [mine, theirs] = portPair();
    const server = serve<Abc>(theirs, abc());
    const rpc = client<Abc>(mine);
    const heard: number[] = [];
    const stop = rpc.on('tick', (value) => heard.push(value));
    server.emit('tick', 1);
    await rpc.call('add', { a: 0, b: 0 });
    stop();
    server.emit('tick', 2);
    await rpc.call('add', { a: 0, b: 0 });
    expect(heard).toEqual([1]);
  });
});
