/** A reading in the background, and what may come between: kill -9 of the app or the engine, another model, a full disk. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type Core, type CoreOptions, createCore } from '../../electron/core/core.ts';
import { spawnEngine } from '../../electron/engine/spawn.ts';
import type { Contract, DocumentEntry, DocumentReading } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { paragraphs, somewhere } from '../contract/documents-tiny.ts';
import { tinyModels } from '../contract/tiny-models.ts';
import { noSmallDisk, smallDisk } from './small-disk.ts';

const models = tinyModels();
const text = paragraphs(120, 21).join('\n\n');
const child = fileURLToPath(new URL('./documents-reader.ts', import.meta.url));

const cores: Core[] = [];
afterEach(async () => {
  await Promise.all(cores.splice(0).map((core) => core.close()));
});

const options = (data: string): CoreOptions => ({
  host: 'browser',
  version: '0',
  models: [{ path: models, embedded: true }],
  data,
  startEngine: () => spawnEngine(),
  loadAtStart: false,
});

async function appAt(data: string): Promise<{ core: Core; rpc: Client<Contract> }> {
  const core = createCore(options(data));
  cores.push(core);
  await core.load('one');
  return { core, rpc: core.connect() };
}

/** The first telling of the only document that `fits`. */
const told = (rpc: Client<Contract>, fits: (reading: DocumentReading) => boolean): Promise<DocumentEntry> =>
  new Promise((resolve) => {
    const stop = rpc.on('document.changed', (entry) => {
      if (!fits(entry.reading)) return;
      stop();
      resolve(entry);
    });
  });
const some = ({ phase, chunksRead }: DocumentReading) => phase === 'running' && chunksRead >= 3;
const whole = ({ phase }: DocumentReading) => phase === 'read';

async function begun(rpc: Client<Contract>, path: string): Promise<DocumentEntry> {
  const { id } = await rpc.call('documents.add', { path });
  const reached = told(rpc, some);
  await rpc.call('documents.read', { document: id });
  return reached;
}

/** Killed once `until` fits; gives all that it told. */
async function run(args: readonly string[], until: (reading: DocumentReading) => boolean) {
  const app = spawn(process.execPath, [child, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const readings: DocumentReading[] = [];
  for await (const line of createInterface(app.stdout)) {
    readings.push(JSON.parse(line));
    if (until(readings.at(-1) as DocumentReading)) app.kill('SIGKILL');
  }
  return readings;
}

describe('a reading in the background', () => {
  it('goes on by itself at the next chunk when the app was killed in it', async () => {
    const place = somewhere();
    const args = [place.data, models] as const;
    const before = (await run([...args, place.write('a.txt', text)], some)).at(-1);
    // A command reads what it is given, and nothing else.
    const command = createCore({ ...options(place.data), host: 'cli' });
    cores.push(command);
    await command.load('one');
    const there = command.connect();
    const other = await there.call('documents.add', { path: place.write('b.txt', 'Hello there.') });
    const read = told(there, whole);
    await there.call('documents.read', { document: other.id });
    expect((await read).id).toBe(other.id);
    await command.close();
    const after = await run(args, (reading) => whole(reading) && reading.chunks > 1);
    const first = after.find(({ phase }) => phase === 'running');
    expect(first?.chunksRead).toBeGreaterThanOrEqual(before?.chunksRead ?? 0);
    expect(first?.tokensRead).toBeGreaterThanOrEqual(before?.tokensRead ? before.tokensRead / 2 : 1);
    expect(after.at(-1)).toMatchObject({ phase: 'read', error: null });
    // Nothing is wanted any more.
    const { rpc } = await appAt(place.data);
    const { documents } = await rpc.call('documents.list', {});
    expect(documents.map(({ reading }) => reading.phase)).toEqual(['read', 'read']);
  });
  it('goes on when the engine was killed in it, and is not tried for ever when it dies of it', async () => {
    const place = somewhere();
    const { core, rpc } = await appAt(place.data);
    await begun(rpc, place.write('a.txt', text));
    const end = told(rpc, whole);
    process.kill(core.enginePid ?? 0, 'SIGKILL');
    expect((await end).reading).toMatchObject({ error: null });

    const other = await rpc.call('documents.add', { path: place.write('b.txt', `Another. ${text}`) });
    const failed = told(rpc, ({ phase }) => phase === 'failed');
    const stop = rpc.on('document.changed', ({ id, reading }) => {
      // Before a chunk is whole.
      if (id === other.id && reading.phase === 'running') process.kill(core.enginePid ?? 0, 'SIGKILL');
    });
    await rpc.call('documents.read', { document: other.id });
    expect((await failed).reading).toMatchObject({ error: { code: 'engine-gone' } });
    stop();
  });
  it('goes on with another model when that is loaded, and each has its own', async () => {
    const place = somewhere();
    const { rpc } = await appAt(place.data);
    const { reading: before } = await begun(rpc, place.write('a.txt', text));
    const end = told(rpc, whole);
    const { id: two = '' } = (await rpc.call('models.list', {})).find(({ name }) => name === 'two') ?? {};
    await rpc.call('models.load', { id: two });
    expect((await end).reading.tokens).not.toBe(before.tokens);
    const { id: one = '' } = (await rpc.call('models.list', {})).find(({ name }) => name === 'one') ?? {};
    const again = told(rpc, ({ tokens }) => tokens === before.tokens);
    await rpc.call('models.load', { id: one });
    const { reading } = await again;
    expect(reading).toMatchObject({ phase: 'paused' });
    expect(reading.chunksRead).toBeGreaterThanOrEqual(before.chunksRead);
  });
  it('does not begin where there is no model', async () => {
    const place = somewhere();
    const core = createCore({ ...options(place.data), models: [] });
    cores.push(core);
    const rpc = core.connect();
    const { id } = await rpc.call('documents.add', { path: place.write('a.txt', 'Hello there.') });
    const reading = rpc.call('documents.read', { document: id });
    await expect(reading).rejects.toMatchObject({ code: 'model-not-found' });
    expect((await rpc.call('documents.list', {})).documents).toMatchObject([
      { reading: { phase: 'unread' } },
    ]);
  });
  it('says of a model without a tokenizer that it cannot read', async () => {
    const place = somewhere();
    const bare = join(place.folder, 'models', 'bare');
    mkdirSync(bare, { recursive: true });
    copyFileSync(join(models, 'one', 'model.safetensors'), join(bare, 'model.safetensors'));
    const core = createCore({
      ...options(place.data),
      models: [{ path: join(place.folder, 'models'), embedded: false }],
    });
    cores.push(core);
    const rpc = core.connect();
    await core.load('bare');
    const { id } = await rpc.call('documents.add', { path: place.write('a.txt', 'Hello there.') });
    const failed = told(rpc, ({ phase }) => phase === 'failed');
    await rpc.call('documents.read', { document: id });
    expect((await failed).reading).toMatchObject({ error: { code: 'tokenizer-invalid' } });
    expect((await rpc.call('documents.list', {})).documents).toHaveLength(1);
  });
  it.skipIf(noSmallDisk)(
    'tells that the disk is almost full, leaves room, and goes on when there is more',
    async () => {
      const disk = smallDisk(24 * 2 ** 20);
      const place = somewhere();
      const { core, rpc } = await appAt(disk.path);
      try {
        await begun(rpc, place.write('a.txt', text));
        const stopped = told(rpc, ({ phase }) => phase === 'failed');
        disk.fill();
        expect((await stopped).reading).toMatchObject({
          error: { code: 'disk-full', hint: expect.stringContaining('goes on by itself') },
        });
        const end = told(rpc, whole);
        disk.makeRoom();
        expect((await end).reading.error).toBeNull();
      } finally {
        await core.close();
        disk.unmount();
      }
    },
  );
});
