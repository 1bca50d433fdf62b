/** `llamba network` and a download from the command line, each a process of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Hub, startHub } from '../downloads/hub-server.ts';
import { json, llamba } from '../llamba.ts';

const data = mkdtempSync(join(tmpdir(), 'llamba-cli-network-'));
const env = { LLAMBA_DATA: data };
let hub: Hub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(async () => {
  await hub.close();
  rmSync(data, { recursive: true, force: true });
});

it('shows every request, keeps the switch for the next command, and names the hub', async () => {
  expect(await json(['network'], env)).toMatchObject({
    state: { offline: false, requests: 0, receivedBytes: 0 },
    ledger: [],
  });
  const set = await json(['network', 'offline', '--hub', hub.address], env);
  expect(set.state).toMatchObject({ offline: true, hub: hub.address });

  const download = ['models', 'download', 'llama-3.2-1b-instruct'];
  const offline = await llamba(download, undefined, env);
  expect(offline).toMatchObject({ code: 1, err: expect.stringContaining('[offline]') });
  expect((await json(['network'], env)).state.requests).toBe(0);

  await json(['network', 'online'], env);
  const refused = await llamba(download, undefined, env);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('[download-refused]') });
  const { ledger } = await json(['network', '--last', '5'], env);
  expect(ledger).toMatchObject([{ host: new URL(hub.address).host, result: '404' }]);
  const shown = await llamba(['network'], undefined, env);
  expect(shown.out).toMatch(/404 .* sent, .*Llama-3\.2-1B-Instruct: list of files/);
  expect(shown.out).toMatch(/1 requests in all/);
});

it('says what it does not know', async () => {
  for (const args of [['sideways'], ['--hub', 'http://hub.example'], ['--last', 'x']]) {
    expect((await llamba(['network', ...args], undefined, env)).code).toBe(1);
  }
});
