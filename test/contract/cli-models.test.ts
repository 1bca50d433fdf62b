/** `llamba models` and `llamba convert`: each call a process of its own. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { tinyGguf } from '../convert/tiny-llama.ts';
import { json, llamba } from './llamba.ts';

const data = mkdtempSync(join(tmpdir(), 'llamba-cli-models-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));
const models = join(data, 'models');
const env = { LLAMBA_DATA: data };
const fixture = (path: string) => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));
const call = (...args: string[]) => json(['models', ...args], env);
const refused = async (code: string, ...args: string[]) => {
  const ended = await llamba(args, undefined, env);
  expect({ code: ended.code, out: ended.out }).toEqual({ code: 1, out: '' });
  expect(ended.err).toMatch(new RegExp(`^llamba: .+\\[${code}\\]\n  \\S.+\n$`));
  return ended.err;
};
const ids = async () => (await call('list')).map(({ id }: { id: string }) => id);

describe('llamba models', () => {
  it('recognises, imports, verifies, counts and removes', async () => {
    const file = join(data, 'Tiny-Chat.Q4_1.gguf');
    writeFileSync(file, tinyGguf());
    expect(await call('recognise', file)).toMatchObject({
      layout: 'gguf',
      name: 'Tiny-Chat',
      how: 'convert',
    });
    expect(await call('import', file)).toMatchObject({ kind: 'import', model: 'tiny-chat', phase: 'done' });
    expect(await ids()).toContain('tiny-chat');
    expect((await json(['info', '--model', 'tiny-chat'], env)).model).toMatchObject({ name: 'Tiny-Chat' });

    expect(await call('verify', 'tiny-chat')).toMatchObject({ phase: 'done' });
    const weights = join(models, 'tiny-chat', 'model.safetensors');
    const bytes = readFileSync(weights);
    bytes[bytes.length - 5] = (bytes.at(-5) as number) ^ 1;
    writeFileSync(weights, bytes);
    expect(await refused('file-invalid', 'models', 'verify', 'tiny-chat')).toContain('model.safetensors');

    const used = await call('du');
    const { bytes: taken, freed } = used.find(({ id }: { id: string }) => id === 'tiny-chat');
    const onDisk = readdirSync(join(models, 'tiny-chat')).reduce(
      (sum, name) => sum + statSync(join(models, 'tiny-chat', name)).size,
      0,
    );
    expect([taken, freed]).toEqual([onDisk, onDisk]);
    expect(await call('remove', 'tiny-chat')).toEqual({ freedBytes: onDisk });
    expect(await ids()).not.toContain('tiny-chat');
    expect(readdirSync(models)).toEqual([]);
  });

  it('links what can be used as it is: nothing is copied, nothing is lost, and removing frees only the links', async () => {
    const source = join(data, 'elsewhere');
    mkdirSync(source);
    const original = fixture('llamba/q4g64-untied/model/tiny-q4g64-untied.safetensors');
    const file = join(source, 'Tiny One.safetensors');
    writeFileSync(file, readFileSync(original));
    expect(await call('recognise', file)).toMatchObject({ layout: 'cartesia-mlx', how: 'reference' });
    expect(await call('import', file)).toMatchObject({ model: 'tiny-one' });
    const linked = join(models, 'tiny-one', 'Tiny One.safetensors');
    expect(statSync(linked).ino).toBe(statSync(file).ino);
    expect((await json(['score', '--model', 'tiny-one', '--ids', '1,2,3'], env)).ids).toEqual([1, 2, 3]);
    const { freedBytes } = await call('remove', 'tiny-one');
    expect(freedBytes).toBeLessThan(1000);
    expect(readFileSync(file)).toEqual(readFileSync(original));
    // The other way round: the original may go.
    await call('import', file);
    rmSync(source, { recursive: true });
    expect(await call('verify', 'tiny-one')).toMatchObject({ phase: 'done' });
    expect((await call('remove', 'tiny-one')).freedBytes).toBeGreaterThan(500_000);
  });

  it('makes a full-size one smaller, as asked', async () => {
    const hub = fixture('llamba/bf16-tied/hub');
    expect(await call('recognise', hub)).toMatchObject({
      layout: 'hub',
      architecture: 'llamba',
      how: 'convert',
    });
    await call('import', hub, '--bits', '8', '--group-size', '32', '--embedding', '16');
    const { model } = await json(['info', '--model', 'hub'], env);
    expect(model.config).toMatchObject({ bits: 8, groupSize: 32 });
    await call('remove', 'hub');
  });

  it('refuses what is no model, with the reason', async () => {
    const text = join(data, 'notes.txt');
    writeFileSync(text, 'no model');
    expect(await call('recognise', text)).toMatchObject({
      how: 'refuse',
      reason: expect.stringContaining('notes.txt'),
    });
    expect(await refused('unsupported', 'models', 'import', text)).toContain('notes.txt');
    const cut = join(data, 'cut.gguf');
    writeFileSync(cut, tinyGguf().subarray(0, 5000));
    await refused('unsupported', 'models', 'import', cut);
    await refused('model-not-found', 'models', 'remove', 'nothing');
    await refused('bad-request', 'models', 'remove', 'llamba-135m');
    await refused('bad-request', 'models', 'import', text, '--bits', '5');
    await refused('bad-request', 'models', 'paint');
    expect(existsSync(models) ? readdirSync(models) : []).toEqual([]);
  });
});

describe('llamba convert', () => {
  it('writes a model that other commands take by its path, and never writes over one', async () => {
    const target = join(data, 'converted');
    const args = ['convert', fixture('llamba/bf16-tied/hub'), target, '--group-size', '32', '--name', 'Mine'];
    const made = await json(args, env);
    expect(made).toMatchObject({ path: target, conversion: { bits: 4, groupSize: 32, embedding: 4 } });
    expect(made.bytes).toBeLessThan(made.sourceBytes / 2);
    expect((await json(['info', '--model', target], env)).model).toMatchObject({ name: 'Mine' });
    appendFileSync(join(target, 'mine.txt'), 'kept');
    await refused('bad-request', ...args);
    expect(readFileSync(join(target, 'mine.txt'), 'utf8')).toBe('kept');
    await refused(
      'bad-request',
      'convert',
      fixture('llamba/bf16-tied/hub'),
      join(data, 'other'),
      '--embedding',
      '5',
    );
    await refused('bad-request', 'convert', fixture('llamba/bf16-tied/hub'));
  });
});
