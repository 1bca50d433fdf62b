/** Downloads, imports, verifying and removing as tasks of the models service, over a real hub. */
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeFolder, readManifest, writeManifest } from '../../../electron/core/models/manifest.ts';
import { createModels, freeId, type Models } from '../../../electron/core/models/service.ts';
import type { ModelTools } from '../../../electron/core/models/tools.ts';
import type { ModelTask } from '../../../electron/shared/contract.ts';
import { openStage, quick, repository, type Stage, tiny, weights } from './stage.ts';

const size = 3 * 2 ** 20;
const gibibyte = 2 ** 30;
let stage: Stage;
let told: ModelTask[];
let changes: number;
const services: Models[] = [];
const outside = mkdtempSync(join(tmpdir(), 'llamba-outside-'));

const tools: ModelTools = {
  recognise: async (path) => ({
    ...{ path, layout: 'hub' as const, name: 'My Model!', architecture: 'llamba' as const, bytes: 3 },
    weights: null,
    ...(path.endsWith('bad')
      ? { how: 'refuse' as const, reason: 'It is no model.' }
      : { how: 'reference' as const, reason: '' }),
  }),
  async convert(source, destination, _conversion, { onProgress }) {
    expect(readdirSync(source)).toEqual([weights, 'tokenizer.json']);
    onProgress(1, 2);
    mkdirSync(destination);
    writeFileSync(join(destination, 'model.safetensors'), 'converted');
    await writeManifest(destination, await describeFolder(destination, source));
  },
  async importModel(path, folder, { id }) {
    mkdirSync(join(folder, id));
    linkSync(path, join(folder, id, 'model.safetensors'));
  },
  discard: async () => undefined,
};

function open(catalogue = [tiny]): Models {
  const service = createModels({
    catalogue,
    ...{ folders: [{ path: stage.models, embedded: false }], network: stage.context.network, tools },
    device: async () => ({ memoryBytes: 8 * gibibyte, workingSetBytes: 6 * gibibyte, backend: 'metal' }),
    onTask: (task) => void told.push(task),
    onChange: () => void changes++,
    fetching: quick,
  });
  services.push(service);
  return service;
}

/** The task in one of these phases, as soon as it is told of. */
async function until(id: string, ...phases: ModelTask['phase'][]): Promise<ModelTask> {
  for (;;) {
    const found = told.find((task) => task.id === id && phases.includes(task.phase));
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

beforeEach(async () => {
  stage = await openStage(size);
  [told, changes] = [[], 0];
});
afterEach(async () => {
  for (const service of services.splice(0)) await service.close();
  await stage.close();
  rmSync(outside, { recursive: true, force: true });
  mkdirSync(outside);
});

describe('a download', () => {
  it('is told of from its start to its end, and then the model is there', async () => {
    const service = open();
    expect(await service.cards()).toMatchObject([
      { installed: false, task: null, best: true, fit: { verdict: 'fits' } },
    ]);
    const { id } = await service.download('tiny');
    expect(service.tasks.list()).toMatchObject([{ id, kind: 'download', model: 'tiny', phase: 'running' }]);
    const done = await until(id, 'done', 'failed');
    expect(done).toMatchObject({ phase: 'done', doneBytes: size + 7, totalBytes: size + 7, error: null });
    const phases = told.map(({ phase }) => phase).filter((phase, i, all) => phase !== all[i - 1]);
    expect(phases).toEqual(['running', 'verifying', 'done']);
    const counts = told.map(({ doneBytes }) => doneBytes);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(changes).toBe(1);
    expect(await service.cards()).toMatchObject([
      { installed: true, task: null, fit: { disk: { neededBytes: 0 } } },
    ]);
    await expect(service.download('tiny')).rejects.toMatchObject({ code: 'bad-request' });
    await expect(service.download('../tiny')).rejects.toMatchObject({ code: 'model-not-found' });
  });
  it('pauses, goes on, and is cancelled with all that came', async () => {
    const service = open();
    stage.hub.always(() => ({ kind: 'drip', bytes: 20_000 }));
    const { id } = await service.download('tiny');
    while ((service.tasks.list()[0]?.doneBytes ?? 0) < 100_000)
      await new Promise((resolve) => setTimeout(resolve, 2));
    const paused = await service.tasks.pause(id);
    expect(paused).toMatchObject({ phase: 'paused', error: null, bytesPerSecond: null });
    expect((await service.cards())[0]?.task).toBe(id);
    const asked = stage.hub.asked.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(stage.hub.asked.length).toBe(asked);
    expect((await service.download('tiny')).phase).toBe('running');
    await service.tasks.cancel(id);
    expect(service.tasks.list()).toEqual([]);
    expect(readdirSync(stage.models)).toEqual([]);
    expect(told.at(-1)).toMatchObject({ id, phase: 'failed', error: { code: 'cancelled' } });
    expect(() => service.tasks.resume(id)).toThrowError(expect.objectContaining({ code: 'bad-request' }));
  });
  it('that was not ended is there, paused, at the next start', async () => {
    const first = open();
    stage.hub.always(({ file }) => (file === weights ? { kind: 'drip', bytes: 20_000 } : null));
    const { id } = await first.download('tiny');
    while ((first.tasks.list()[0]?.doneBytes ?? 0) < 100_000)
      await new Promise((resolve) => setTimeout(resolve, 2));
    await first.close();
    stage.hub.always(null);
    told = [];
    const second = open();
    await second.ready;
    const [found] = second.tasks.list();
    expect(found).toMatchObject({ id, phase: 'paused', totalBytes: size + 7 });
    expect(found?.doneBytes).toBeGreaterThan(90_000);
    expect((await second.cards())[0]?.fit.disk.neededBytes).toBeLessThan(size);
    second.tasks.resume(id);
    expect(await until(id, 'done', 'failed')).toMatchObject({ phase: 'done' });
    expect(stage.result()?.equals(stage.content)).toBe(true);
  });
  it('that failed says why, and goes on when it is asked for again', async () => {
    const service = open();
    stage.hub.always(() => ({ kind: 'status', status: 503 }));
    const { id } = await service.download('tiny');
    const error = { code: 'network-failed', message: expect.stringMatching(/503/) };
    expect(await until(id, 'failed')).toMatchObject({ error, note: null });
    expect(told.map(({ note }) => note)).toContainEqual(expect.stringMatching(/503.*It is tried again/));
    stage.hub.always(null);
    await service.download('tiny');
    expect(await until(id, 'done')).toMatchObject({ error: null });
  });
  it('is done by one of two that want the same', async () => {
    const [one, two] = [open(), open()];
    stage.hub.always(() => ({ kind: 'drip', bytes: 100_000 }));
    const { id } = await one.download('tiny');
    await until(id, 'running');
    while (stage.hub.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    await two.download('tiny');
    expect(await until(id, 'failed')).toMatchObject({ error: { code: 'busy' } });
    expect(await until(id, 'done')).toBeTruthy();
    expect(stage.result()?.equals(stage.content)).toBe(true);
  });
  it('shares the connections with another one, and both end', async () => {
    const other = { ...tiny, id: 'other', name: 'Other', repository: 'someone/Other' };
    stage.hub.put('someone/Other', 'Other.safetensors', stage.content);
    const service = open([tiny, other]);
    const [now, most] = [new Map<string, number>(), new Map<string, number>()];
    stage.hub.watch(({ file }, change) => {
      now.set(file, (now.get(file) ?? 0) + change);
      most.set(file, Math.max(most.get(file) ?? 0, now.get(file) ?? 0));
    });
    stage.hub.always(() => ({ kind: 'drip', bytes: 100_000 }));
    const ids = await Promise.all(['tiny', 'other'].map(async (id) => (await service.download(id)).id));
    for (const id of ids) expect(await until(id, 'done', 'failed')).toMatchObject({ phase: 'done' });
    for (const file of [weights, 'Other.safetensors']) expect(most.get(file)).toBeGreaterThan(1);
    expect(readdirSync(stage.models)).toEqual(['other', 'tiny']);
  });
  it('of what PyTorch wrote goes on to a conversion, which needs no network when it is repeated', async () => {
    const service = open([{ ...tiny, form: 'pytorch' }]);
    const convert = tools.convert;
    tools.convert = async () => {
      throw Object.assign(new Error('no memory'), { code: 'out-of-memory', hint: '' });
    };
    const { id } = await service.download('tiny');
    expect(await until(id, 'failed')).toMatchObject({ error: { code: 'out-of-memory' } });
    tools.convert = convert;
    stage.context.network.setOffline(true);
    service.tasks.resume(id);
    await until(id, 'done');
    expect(told.map(({ phase }) => phase)).toContain('converting');
    expect(readdirSync(stage.models)).toEqual(['tiny']);
    const manifest = await readManifest(join(stage.models, 'tiny'));
    expect(manifest?.files).toMatchObject([{ path: 'model.safetensors', source: `made from ${repository}` }]);
  });
});

describe('what a kill has left', () => {
  it('of a download that was whole is cleared up', async () => {
    await stage.download();
    mkdirSync(join(stage.models, '.partial-tiny/files'), { recursive: true });
    const note = { version: 1, model: 'tiny', progress: [], word: null };
    writeFileSync(join(stage.models, '.partial-tiny/download.json'), JSON.stringify(note));
    const service = open();
    await service.ready;
    expect(service.tasks.list()).toEqual([]);
    expect(readdirSync(stage.models)).toEqual(['tiny']);
  });
});

describe('verifying', () => {
  it('names the file that was damaged', async () => {
    const service = open();
    await until((await service.download('tiny')).id, 'done');
    const { id } = await service.verify('tiny');
    expect(await until(id, 'done', 'failed')).toMatchObject({ phase: 'done', totalBytes: size + 7 });
    told = [];
    const spoiled = Buffer.from(stage.content);
    spoiled[1_000_000] = (spoiled[1_000_000] as number) ^ 4;
    writeFileSync(join(stage.models, 'tiny', weights), spoiled);
    await service.verify('tiny');
    const error = { code: 'file-invalid', message: expect.stringContaining(weights) };
    expect(await until(id, 'failed')).toMatchObject({ error });
  });
  it('says when nothing was written down', async () => {
    mkdirSync(join(stage.models, 'own'));
    writeFileSync(join(stage.models, 'own/model.safetensors'), 'x');
    const { id } = await open().verify('own');
    expect(await until(id, 'failed')).toMatchObject({ error: { code: 'unsupported' } });
  });
});

describe('importing', () => {
  it('finds a name that is free, and refuses with the reason', async () => {
    const service = open();
    writeFileSync(join(outside, 'a.safetensors'), 'weights');
    const first = await service.importModel(join(outside, 'a.safetensors'));
    expect(await until(first.id, 'done', 'failed')).toMatchObject({
      kind: 'import',
      model: 'my-model',
      phase: 'done',
    });
    const second = await service.importModel(join(outside, 'a.safetensors'));
    expect(second.model).toBe('my-model-2');
    await until(second.id, 'done');
    await expect(service.importModel(join(outside, 'bad'))).rejects.toMatchObject({
      message: 'It is no model.',
    });
    expect(freeId('../', new Set())).toBe('model');
  });
});

describe('removing', () => {
  it('gives back exactly what it says: nothing for what has another name', async () => {
    const service = open();
    await until((await service.download('tiny')).id, 'done');
    const folder = join(stage.models, 'tiny');
    writeFileSync(join(outside, 'b'), 'linked');
    linkSync(join(outside, 'b'), join(folder, 'hard'));
    symlinkSync(join(outside, 'b'), join(folder, 'soft'));
    linkSync(join(folder, weights), join(folder, 'twice.safetensors'));
    const manifest = statSync(join(folder, 'llamba-files.json')).size;
    const link = join(outside, 'b').length;
    expect(await service.freed('tiny')).toEqual({ freedBytes: size + 7 + manifest + link });
    expect(await service.remove('tiny')).toEqual({ freedBytes: size + 7 + manifest + link });
    expect(readdirSync(stage.models)).toEqual([]);
    expect(readdirSync(outside)).toEqual(['b']);
    await expect(service.remove('tiny')).rejects.toMatchObject({ code: 'model-not-found' });
  });
  it('ends at the next start what a kill has left', async () => {
    mkdirSync(join(stage.models, '.removing-x'), { recursive: true });
    writeFileSync(join(stage.models, '.removing-x/model.safetensors'), 'x');
    await open().ready;
    expect(readdirSync(stage.models)).toEqual([]);
  });
});
