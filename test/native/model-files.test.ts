import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { engineForTests, failure, generateAlone, request } from './addon.ts';
import { type Lie, lyingHeaders, putTogether, takeApart } from './files.ts';
import { golden, idsOf } from './golden.ts';

const folder = mkdtempSync(join(tmpdir(), 'llamba-model-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
const engine = engineForTests();
const good = golden('llamba/q4g64-untied');
const bad = join(folder, 'bad.safetensors');

async function expectUsable(): Promise<void> {
  const model = await engine.load(good.model).done;
  const tokens = await generateAlone(model, request(idsOf(good, 'short.input_ids') as number[]));
  expect(tokens).toEqual(idsOf(good, 'greedy.tokens'));
  await model.unload();
}

async function refusal(file: Buffer) {
  writeFileSync(bad, file);
  const error = await failure(() => engine.load(bad).done);
  expect(error.message).not.toBe('');
  expect(error.hint).not.toBe('');
  return error;
}

const norm = 'model.layers.0.norm.weight';

describe('a model file is refused', () => {
  it.each(Object.entries(lyingHeaders))('when its header has %s', async (_, lie) => {
    expect((await refusal(lie(takeApart(good.model)))).code).toMatch(/^(model-invalid|tensor-missing)$/);
    await expectUsable();
  });

  it('when it is truncated, wherever', async () => {
    const file = readFileSync(good.model);
    const header = 8 + Number(file.readBigUInt64LE(0));
    for (const length of [0, 7, 8, header - 1, header, header + 1, file.length >> 1, file.length - 1]) {
      expect((await refusal(file.subarray(0, length))).code, `${length} bytes`).toBe('model-invalid');
    }
    await expectUsable();
  });

  const changes: Record<string, [code: RegExp, named: string, lie: Lie]> = {
    'a tensor missing': [
      /^tensor-missing$/,
      norm,
      (parts) => {
        parts.tensors['model.layers.0.norm.other'] = parts.tensors[norm] as never;
        delete parts.tensors[norm];
        return putTogether(parts);
      },
    ],
    'a tensor of another shape': [
      /^tensor-shape$/,
      norm,
      (parts) => {
        const entry = parts.tensors[norm] as { shape: number[] };
        entry.shape = [2, (entry.shape[0] as number) / 2];
        return putTogether(parts);
      },
    ],
    'scales missing': [
      /^tensor-(missing|shape)$/,
      'out_proj',
      (parts) => {
        const name = Object.keys(parts.tensors).find(
          (n) => n.includes('.0.') && n.endsWith('out_proj.scales'),
        ) as string;
        parts.tensors.spare = parts.tensors[name] as never;
        delete parts.tensors[name];
        return putTogether(parts);
      },
    ],
    'scales of another width': [
      /^tensor-shape$/,
      'out_proj',
      (parts) => {
        const name = Object.keys(parts.tensors).find(
          (n) => n.includes('.0.') && n.endsWith('out_proj.scales'),
        ) as string;
        const entry = parts.tensors[name] as { shape: number[] };
        entry.shape = entry.shape.toReversed();
        return putTogether(parts);
      },
    ],
    'only half a block': [
      /^tensor-missing$/,
      'model.layers.1.',
      (parts) => {
        for (const name of Object.keys(parts.tensors).filter((n) => n.startsWith('model.layers.1.'))) {
          parts.tensors[`spare.${name}`] = parts.tensors[name] as never;
          delete parts.tensors[name];
        }
        return putTogether(parts);
      },
    ],
  };

  it.each(Object.entries(changes))('with %s, which is named', async (_, [code, named, lie]) => {
    const error = await refusal(lie(takeApart(good.model)));
    expect(error.code).toMatch(code);
    expect(error.message).toContain(named);
    await expectUsable();
  });

  it('when an additive bias of a quantized matrix has another length, which is named', async () => {
    const parts = takeApart(golden('llamba/q8g64-mixed').model);
    const [wrong, right] = [1, 2].map((layer) => `model.layers.${layer}.layer.in_proj.bias`) as [
      string,
      string,
    ];
    parts.tensors[wrong] = parts.tensors[right] as never;
    delete parts.tensors[right];
    const error = await refusal(putTogether(parts));
    expect(error).toMatchObject({ code: 'tensor-shape', message: expect.stringContaining(wrong) });
  });

  it('when nothing that could be a model is there', async () => {
    const code = async (path: string) => (await failure(() => engine.load(path).done)).code;
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    expect(await code(join(folder, 'absent'))).toBe('model-not-found');
    expect(await code(empty)).toBe('model-not-found');
    writeFileSync(join(empty, 'model.safetensors'), 'plain text, longer than a header’s length');
    expect(await code(empty)).toBe('model-invalid');
    expect(await code('/dev/null')).toBe('file-unreadable');
    await expectUsable();
  });

  it('when its index names a file that is not there', async () => {
    const copy = join(folder, 'sharded');
    cpSync(golden('llama/q4g64-tied').model, copy, { recursive: true });
    const index = join(copy, 'model.safetensors.index.json');
    const text = readFileSync(index, 'utf8');
    for (const [name, code] of [
      ['model-00002.safetensors', 'tensor-missing'],
      ['../model.safetensors', 'model-invalid'],
    ]) {
      writeFileSync(index, text.replace('"model.safetensors"', `"${name}"`));
      expect((await failure(() => engine.load(copy).done)).code, name).toBe(code);
    }
    await expectUsable();
  });
});

it('takes a metadata of null and headers without any', async () => {
  const { tensors, data } = takeApart(good.model);
  for (const metadata of [{ __metadata__: null }, {}]) {
    const header = Buffer.from(JSON.stringify({ ...metadata, ...tensors }));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(bad, Buffer.concat([length, header, data]));
    const model = await engine.load(bad).done;
    expect(model.info.vocabulary).toBe(512);
    await model.unload();
  }
});

it('reports progress of a load up to its size', async () => {
  const seen: [number, number][] = [];
  const job = engine.load(good.model, { onProgress: (done, total) => seen.push([done, total]) });
  const model = await job.done;
  const [done, total] = seen.at(-1) ?? [];
  expect(done).toBe(total);
  expect(total).toBeGreaterThan(0);
  await model.unload();
});
