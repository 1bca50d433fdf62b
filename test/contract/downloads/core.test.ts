/** The calls and events of models and network, through core as a page has them, with the real engine and a hub. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../../../electron/core/core.ts';
import { localCore } from '../../../electron/headless/local-core.ts';
import type { NetworkState } from '../../../electron/shared/contract.ts';
import type { Client } from '../../../electron/shared/rpc.ts';
import { type Hub, startHub } from './hub-server.ts';

const data = mkdtempSync(join(tmpdir(), 'llamba-core-'));
let hub: Hub;
let core: Core;
let rpc: Client;
beforeAll(async () => {
  hub = await startHub();
  core = localCore('cli', { data });
  rpc = core.connect();
});
afterAll(async () => {
  await core.close();
  await hub.close();
  rmSync(data, { recursive: true });
});

const call = (method: string, params: object) =>
  rpc.call(method as 'network.state', params as never) as Promise<unknown>;

describe('core', () => {
  it('has a card for every model, with a verdict from the numbers of this machine, and offers one', async () => {
    const cards = await rpc.call('models.catalogue', {});
    const { device } = await rpc.call('app.info', {});
    expect(cards.filter(({ best }) => best).length).toBeLessThanOrEqual(1);
    for (const { model, fit } of cards) {
      expect(fit.memory.availableBytes).toBe(Math.min(device.memoryBytes, device.workingSetBytes));
      expect(fit.memory.weightBytes).toBe(model.weightBytes);
      expect(fit.reason).toMatch(/\.$/);
    }
    const embedded = cards.find(({ model }) => model.form === 'embedded');
    expect(embedded).toMatchObject({ installed: true, fit: { disk: { neededBytes: 0 } } });
  });
  it('tells of the network as it changes, and keeps what was set', async () => {
    const told: NetworkState[] = [];
    rpc.on('network', (state) => void told.push(state));
    expect(await rpc.call('network.hub', { address: `${hub.address}/` })).toMatchObject({ hub: hub.address });
    const { id } = await rpc.call('models.download', { model: 'llama-3.2-1b-instruct' });
    for (let task = null; task !== 'failed'; ) {
      [task = null] = (await rpc.call('models.tasks', {}))
        .filter((one) => one.id === id)
        .map(({ phase }) => phase);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    // The hub has no such repository.
    const [task] = await rpc.call('models.tasks', {});
    expect(task?.error).toMatchObject({ code: 'download-refused', message: expect.stringMatching(/has no/) });
    const [entry] = await rpc.call('network.ledger', { limit: 1 });
    expect(entry).toMatchObject({
      ...{ host: new URL(hub.address).host, result: '404', purpose: 'Llama-3.2-1B-Instruct: list of files' },
      path: '/api/models/mlx-community/Llama-3.2-1B-Instruct-4bit/revision/main',
    });
    expect(await rpc.call('network.ledger', { before: entry?.at ?? 0 })).toEqual([]);
    await rpc.call('network.offline', { offline: true });
    while (told.at(-1)?.offline !== true) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(told.at(-1)).toMatchObject({ requests: 1, active: 0, hub: hub.address });
    await rpc.call('network.offline', { offline: false });
  });
  it('takes no address that is not safe, and no params that are not well formed', async () => {
    await expect(rpc.call('network.hub', { address: 'http://hub.example' })).rejects.toMatchObject({
      code: 'download-refused',
    });
    for (const [method, params] of [
      ['network.token', { token: 'two words' }],
      ['network.ledger', { limit: 0 }],
      ['models.download', {}],
      ['models.import', { path: 'x', conversion: { bits: 5, groupSize: 64, embedding: 4 } }],
      ['tasks.cancel', { task: '' }],
    ] as const) {
      await expect(call(method, params)).rejects.toMatchObject({ code: 'bad-request' });
    }
    expect(await rpc.call('network.token', { token: 'hf_x' })).toMatchObject({ hasToken: true });
    expect(JSON.stringify(await rpc.call('network.state', {}))).not.toContain('hf_x');
    await expect(rpc.call('models.remove', { id: 'llamba-135m' })).rejects.toMatchObject({
      code: 'bad-request',
    });
  });
});
