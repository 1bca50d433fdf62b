/** The network module against real servers on this computer: what it sends, to whom, and what it writes down. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNetwork, type Network } from '../../../electron/core/network/network.ts';

const servers: Server[] = [];
const networks: Network[] = [];
let seen: IncomingMessage[] = [];

/** `answer` gives status, headers and body for a path; null: silence. */
async function host(
  answer: (path: string) => [number, Record<string, string>, string] | null,
): Promise<string> {
  const server = createServer((request, response) => {
    seen.push(request);
    const found = answer(request.url ?? '');
    if (found) response.writeHead(found[0], found[1]).end(found[2]);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function open(env: NodeJS.ProcessEnv = {}): Network {
  const network = createNetwork({ folder: null, env, stall: { ms: 200, bytes: 10 } });
  networks.push(network);
  return network;
}

const read = async (network: Network, address: string) => {
  const answer = await network.get(address, { purpose: 'a test' });
  let text = '';
  for await (const piece of answer.body) text += piece;
  return text;
};
const rows = (network: Network) =>
  network.page(Number.MAX_SAFE_INTEGER, 100).map(({ path, result }) => `${path} ${result}`);
const settled = async (network: Network) => {
  while (network.state().active > 0) await new Promise((resolve) => setTimeout(resolve, 1));
};

beforeEach(() => {
  seen = [];
});
afterEach(async () => {
  for (const network of networks.splice(0)) await network.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe('a request', () => {
  it('is in the ledger with its bytes, and without what its address keeps secret', async () => {
    const network = open();
    const base = await host(() => [200, {}, 'x'.repeat(5000)]);
    expect(await read(network, `${base}/file?signature=secret`)).toHaveLength(5000);
    await settled(network);
    const [row] = network.page(Number.MAX_SAFE_INTEGER, 10);
    expect(row).toMatchObject({ purpose: 'a test', host: new URL(base).host, path: '/file', result: '200' });
    expect(row?.receivedBytes).toBeGreaterThan(5000);
    expect(row?.sentBytes).toBeGreaterThan(50);
    expect(JSON.stringify(row)).not.toContain('secret');
    expect(network.state()).toMatchObject({ requests: 1, receivedBytes: row?.receivedBytes, active: 0 });
  });
  it('sends nothing that says who asks', async () => {
    const network = open();
    await read(network, await host(() => [200, {}, '']));
    expect(Object.keys(seen[0]?.headers ?? {}).sort()).toEqual(['connection', 'host', 'user-agent']);
    expect(seen[0]?.headers['user-agent']).toBe('llamba-desktop');
  });
  it('gives the token to the hub alone, not to whom it redirects', async () => {
    const network = open();
    const other = await host(() => [200, {}, 'there']);
    const hub = await host((path) =>
      path === '/away'
        ? [302, { location: `${other}/x` }, '']
        : path === '/near'
          ? [302, { location: '/y' }, '']
          : [200, {}, 'y'],
    );
    network.setHub(`${hub}/`);
    network.setToken('hf_secret');
    expect(await read(network, `${hub}/away`)).toBe('there');
    await read(network, `${hub}/near`);
    expect(seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/away', 'Bearer hf_secret'],
      ['/x', undefined],
      ['/near', 'Bearer hf_secret'],
      ['/y', 'Bearer hf_secret'],
    ]);
    network.setToken(null);
    await read(network, `${hub}/z`);
    expect(seen.at(-1)?.headers.authorization).toBeUndefined();
    await settled(network);
    expect(rows(network).toReversed()).toEqual(['/away 302', '/x 200', '/near 302', '/y 200', '/z 200']);
  });
  it('is ended where nothing comes, and the ledger says so', async () => {
    const network = open();
    await expect(read(network, `${await host(() => null)}/silent`)).rejects.toMatchObject({
      code: 'network-failed',
      again: true,
    });
    await settled(network);
    expect(rows(network)).toEqual(['/silent stalled']);
  });
  it('is not ended while it is the reader who is slow', async () => {
    const network = open();
    const base = await host(() => [200, {}, 'x'.repeat(3_000_000)]);
    const answer = await network.get(`${base}/`, { purpose: 'a test' });
    let bytes = 0;
    for await (const piece of answer.body) {
      if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 700));
      bytes += piece.length;
    }
    expect(bytes).toBe(3_000_000);
  });
  it('to a closed port fails as a value', async () => {
    const base = await host(() => null);
    servers[0]?.close();
    const network = open();
    await expect(read(network, base)).rejects.toMatchObject({ code: 'network-failed', again: true });
    await settled(network);
    expect(rows(network)).toEqual(['/ ECONNREFUSED']);
  });
});

describe('"Offline"', () => {
  it('refuses, ends what runs, and is kept', async () => {
    const network = open();
    const base = await host(() => null);
    const running = read(network, `${base}/running`);
    running.catch(() => undefined);
    while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    network.setOffline(true);
    await expect(running).rejects.toMatchObject({ code: 'offline' });
    await expect(read(network, `${base}/refused`)).rejects.toMatchObject({ code: 'offline' });
    expect(seen).toHaveLength(1);
    expect(network.state()).toMatchObject({ offline: true });
    await settled(network);
    expect(rows(network)).toEqual(['/running offline']);
    network.setOffline(false);
    await expect(read(network, `${base}/again`)).rejects.toMatchObject({ code: 'network-failed' });
  });
});

describe('a proxy', () => {
  it('is asked where the variables say so, but for what NO_PROXY names', async () => {
    const target = await host(() => [200, {}, 'direct']);
    const proxy = await host((path) => [200, {}, `by proxy: ${path}`]);
    const network = open({ HTTP_PROXY: proxy });
    expect(await read(network, `${target}/a`)).toBe(`by proxy: ${target}/a`);
    expect(await read(open({ HTTP_PROXY: proxy, NO_PROXY: '127.0.0.1' }), `${target}/a`)).toBe('direct');
    await settled(network);
    expect(network.page(Number.MAX_SAFE_INTEGER, 1)[0]?.host).toBe(new URL(target).host);
  });
  it('is asked for a tunnel to a safe address', async () => {
    const proxy = await host(() => null);
    const connects: string[] = [];
    servers[0]?.on('connect', (request, socket) => {
      connects.push(request.url ?? '');
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await expect(read(open({ HTTPS_PROXY: proxy }), 'https://hub.example/x')).rejects.toMatchObject({
      code: 'network-failed',
    });
    expect(connects).toEqual(['hub.example:443']);
  });
});
