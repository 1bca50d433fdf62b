/** Sessions out of the app and into another, by contract: the tree, the states, and what is refused. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import type { Contract, ExportFormat, Session } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { dataFolder, talking } from './real-core.ts';
import { seeded, tinyCore } from './tiny-core.ts';

const folders = [dataFolder(), dataFolder()] as const;
let cores: Core[];
let here: Client<Contract>;
let there: Client<Contract>;
let session: Session;
beforeAll(async () => {
  cores = await Promise.all(folders.map((folder) => tinyCore(folder)));
  [here, there] = cores.map((core) => core.connect()) as [Client<Contract>, Client<Contract>];
  const talk = talking(here, seeded);
  const id = await talk.begin({ system: 'Be kind.' });
  const first = await talk.send(id, 'Hello there');
  await talk.send(id, 'More', seeded);
  session = (await talk.reply(id, first.after.turns[0]?.id ?? '', { ...seeded, seed: 9 })).after;
});
afterAll(() => Promise.all(cores.map((core) => core.close())));

async function exported(format: ExportFormat): Promise<{ name: string; file: Buffer }> {
  const pieces: Buffer[] = [];
  const { name, bytes } = await here.stream('sessions.export', { session: session.id, format }, ({ data }) =>
    pieces.push(Buffer.from(data, 'base64')),
  );
  const file = Buffer.concat(pieces);
  expect(file.byteLength).toBe(bytes);
  return { name, file };
}
/** In pieces, handed over without waiting for one another. */
async function imported(rpc: Client<Contract>, name: string, file: Buffer): Promise<Session> {
  const { import: id } = await rpc.call('imports.begin', { name });
  const size = Math.ceil(file.byteLength / 5);
  const added = [0, 1, 2, 3, 4].map((i) =>
    rpc.call('imports.add', {
      import: id,
      data: file.subarray(i * size, (i + 1) * size).toString('base64'),
    }),
  );
  await Promise.all(added);
  return rpc.call('imports.finish', { import: id });
}
const texts = ({ turns }: Session) => turns.map(({ text }) => text);

describe('a session taken to another app', () => {
  it('as Markdown can be read', async () => {
    const { name, file } = await exported('markdown');
    expect(name).toBe('Hello there.md');
    for (const text of texts(session)) expect(file.toString()).toContain(text);
  });
  it('as .llamba has its states with it: nothing is read there', async () => {
    const { name, file } = await exported('llamba');
    expect(name).toBe('Hello there.llamba');
    const copy = await imported(there, name, file);
    expect(copy.id).not.toBe(session.id);
    expect(copy).toMatchObject({ title: 'Hello there', system: 'Be kind.', ephemeral: false });
    expect(texts(copy)).toEqual(texts(session));
    expect(copy.turns[1]?.siblings).toHaveLength(2);
    expect(copy.turns.map(({ resume }) => resume.tokens)).toEqual([0, 0]);
    const other = await there.call('turns.select', {
      session: copy.id,
      turn: copy.turns[1]?.siblings[0] ?? '',
    });
    const { reply, heard } = await talking(there, seeded).reply(copy.id, other.turns[2]?.id ?? '');
    expect(heard.read()).toBe(0);
    expect(reply.text).toBe(other.turns[3]?.text);
    expect((await there.call('sessions.list', {})).sessions.map(({ id }) => id)).toContain(copy.id);
  });
  it('as JSON has the whole tree, and is read there', async () => {
    const { name, file } = await exported('json');
    const copy = await imported(there, name, file);
    expect(texts(copy)).toEqual(texts(session));
    const { heard } = await talking(there, seeded).reply(copy.id, copy.turns[0]?.id ?? '');
    expect(heard.read()).toBeGreaterThan(0);
  });
});

describe('an import', () => {
  const left = () => readdirSync(join(folders[1], 'incoming'));

  it('of a damaged file is refused with the reason, and leaves nothing', async () => {
    const { name, file } = await exported('llamba');
    file[Math.floor(file.byteLength / 2)] = (file[Math.floor(file.byteLength / 2)] ?? 0) ^ 1;
    const before = await there.call('sessions.list', {});
    await expect(imported(there, name, file)).rejects.toMatchObject({ code: 'file-invalid' });
    expect(await there.call('sessions.list', {})).toEqual(before);
    const unnamed = async () =>
      readdirSync(join(folders[1], 'states')).length - (await there.call('storage.get', {})).checkpointCount;
    await expect.poll(unnamed).toBe(0);
    expect(left()).toEqual([]);
  });
  it('that was never begun, or is over, is none', async () => {
    await expect(there.call('imports.add', { import: 'x', data: '' })).rejects.toMatchObject({
      code: 'bad-request',
    });
    await expect(there.call('imports.finish', { import: 'x' })).rejects.toMatchObject({
      code: 'bad-request',
    });
    await expect(there.call('imports.add', { import: 'x', data: 'no base64!' })).rejects.toMatchObject({
      code: 'bad-request',
    });
  });
  it('that is cancelled half done leaves nothing, and is over', async () => {
    const half = await there.call('imports.begin', { name: 'half' });
    const adding = there.call('imports.add', { ...half, data: 'aGFsZg==' });
    await Promise.all([adding, there.call('imports.cancel', half)]);
    expect(left()).toEqual([]);
    await expect(there.call('imports.finish', half)).rejects.toMatchObject({ code: 'bad-request' });
    await there.call('imports.cancel', half);
  });
  it('that was left half done is swept away at the next start', async () => {
    const { import: id } = await there.call('imports.begin', { name: 'half' });
    await there.call('imports.add', { import: id, data: 'aGFsZg==' });
    expect(left()).toHaveLength(1);
    await cores[1]?.close();
    cores[1] = await tinyCore(folders[1]);
    there = cores[1].connect();
    expect(readdirSync(folders[1])).not.toContain('incoming');
  });
  it('works where nothing is kept, for as long as that lasts', async () => {
    const core = await tinyCore(null);
    const { name, file } = await exported('json');
    expect(texts(await imported(core.connect(), name, file))).toEqual(texts(session));
    await core.close();
  });
});
