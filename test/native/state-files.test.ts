import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../../native-mlx/addon.ts';
import { engineForTests, failure, reading, someIds } from './addon.ts';
import { type Lie, lyingHeaders, putTogether, sign, takeApart } from './files.ts';
import { golden } from './golden.ts';

const folder = mkdtempSync(join(tmpdir(), 'llamba-state-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
const engine = engineForTests();
const good = join(folder, 'good.safetensors');
const bad = join(folder, 'bad.safetensors');
let model: Model;
let right: readonly number[];

beforeAll(async () => {
  model = await engine.load(golden('llamba/q4g64-untied').model).done;
  const state = await model.createState();
  await state.feed(someIds(70, 512)).done;
  await state.save(good, 'note');
  right = await reading(state, model);
  await state.free();
});

/** The refusal of a file; afterwards the engine must still read the good one right. */
async function refusal(file: Buffer): Promise<string> {
  writeFileSync(bad, file);
  const error = await failure(() => model.loadState(bad));
  expect(error.message).not.toBe('');
  expect(error.hint).not.toBe('');
  return error.code;
}

async function expectUsable(): Promise<void> {
  const { state } = await model.loadState(good);
  expect(await reading(state, model)).toEqual(right);
  await state.free();
}

it('reads back a file that was taken apart, signed and put together', async () => {
  writeFileSync(bad, putTogether(sign(takeApart(good))));
  const { state, note } = await model.loadState(bad);
  expect(note).toBe('note');
  expect(await reading(state, model)).toEqual(right);
  await state.free();
});

describe('a state file is refused', () => {
  it.each(['llamba/q4g128-untied', 'llamba/fp32-untied', 'llama/q4g64-tied'])(
    'by another model: %s',
    async (name) => {
      const other = await engine.load(golden(name).model).done;
      expect((await failure(() => other.loadState(good))).code).toBe('state-mismatch');
      await other.unload();
      await expectUsable();
    },
  );

  it.each(['0', '2', '', '999999999999999999999', '1.0'])('of format version "%s"', async (version) => {
    const parts = takeApart(good);
    parts.metadata.version = version;
    expect(await refusal(putTogether(sign(parts)))).toBe('state-version');
    await expectUsable();
  });

  it('when it is truncated, wherever', async () => {
    const file = readFileSync(good);
    const header = 8 + Number(file.readBigUInt64LE(0));
    for (const length of [
      0,
      1,
      7,
      8,
      9,
      header >> 1,
      header - 1,
      header,
      header + 1,
      file.length >> 1,
      file.length - 1,
    ]) {
      expect(await refusal(file.subarray(0, length)), `${length} bytes`).toBe('state-corrupt');
    }
    expect(await refusal(Buffer.concat([file, Buffer.alloc(1)]))).toBe('state-corrupt');
    await expectUsable();
  });

  it('when one bit is flipped, wherever', async () => {
    const file = readFileSync(good);
    const header = 8 + Number(file.readBigUInt64LE(0));
    const step = Math.ceil((file.length - header) / 300);
    const places = [
      ...Array.from({ length: header }, (_, i) => i),
      ...Array.from({ length: 300 }, (_, i) => header + i * step).filter((at) => at < file.length),
      file.length - 1,
    ];
    const padding = file.toString('latin1', 8, header).trimEnd().length + 8;
    for (const at of places) {
      const flipped = Buffer.from(file);
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
      // Blanks after the header are no content: one that turns into another blank alters nothing.
      if (at >= padding && at < header && /\s/.test(String.fromCharCode(flipped[at] as number))) continue;
      expect(await refusal(flipped), `byte ${at}`).toMatch(/^state-(corrupt|version|mismatch)$/);
    }
    await expectUsable();
  });

  it.each(Object.entries(lyingHeaders))('when its header has %s', async (_, lie) => {
    expect(await refusal(lie(takeApart(good)))).toBe('state-corrupt');
    await expectUsable();
  });

  const signedLies: Record<string, Lie> = {
    'an array less': (parts) => {
      const [name, entry] = Object.entries(parts.tensors).sort(
        ([, a], [, b]) => b.data_offsets[1] - a.data_offsets[1],
      )[0] as [string, { data_offsets: [number, number] }];
      parts.data = parts.data.subarray(0, entry.data_offsets[0]);
      delete parts.tensors[name];
      return putTogether(sign(parts));
    },
    'an array more': (parts) => {
      const end = parts.data.length;
      parts.data = Buffer.concat([parts.data, Buffer.alloc(4)]);
      parts.tensors['state.99999'] = { dtype: 'F32', shape: [1], data_offsets: [end, end + 4] };
      return putTogether(sign(parts));
    },
    'another shape of the same size': (parts) => {
      for (const entry of Object.values(parts.tensors)) entry.shape = [1, ...entry.shape.toReversed()];
      return putTogether(sign(parts));
    },
    'another type of the same size': (parts) => {
      for (const entry of Object.values(parts.tensors)) if (entry.dtype === 'F32') entry.dtype = 'U32';
      return putTogether(sign(parts));
    },
    'half the width': (parts) => {
      for (const entry of Object.values(parts.tensors)) {
        if (entry.dtype === 'F32') {
          entry.dtype = 'F16';
          entry.shape = [...entry.shape.slice(0, -1), 2 * (entry.shape.at(-1) as number)];
        }
      }
      return putTogether(sign(parts));
    },
    'tokens of a negative number': (parts) => {
      parts.metadata.tokens = '-5';
      return putTogether(sign(parts));
    },
    'tokens that are no number': (parts) => {
      parts.metadata.tokens = 'many';
      return putTogether(sign(parts));
    },
    'recent tokens that no vocabulary has': (parts) => {
      const at = parts.tensors.recent?.data_offsets[0] ?? 0;
      parts.data = Buffer.from(parts.data);
      parts.data.writeInt32LE(1_000_000, at);
      return putTogether(sign(parts));
    },
    'an odd number of bytes as recent tokens': (parts) => {
      const entry = parts.tensors.recent as {
        dtype: string;
        shape: number[];
        data_offsets: [number, number];
      };
      entry.dtype = 'U8';
      entry.shape = [entry.data_offsets[1] - entry.data_offsets[0]];
      return putTogether(sign(parts));
    },
  };

  it.each(Object.entries(signedLies))('when it is rightly signed but has %s', async (_, lie) => {
    expect(await refusal(lie(takeApart(good)))).toMatch(/^state-(corrupt|mismatch)$/);
    await expectUsable();
  });

  it('when it is no file at all', async () => {
    expect((await failure(() => model.loadState(join(folder, 'absent')))).code).toBe('file-unreadable');
    expect((await failure(() => model.loadState(folder))).code).toMatch(/^(file-unreadable|state-corrupt)$/);
    expect((await failure(() => model.loadState('/dev/null'))).code).toBe('file-unreadable');
    copyFileSync(golden('llamba/q4g64-untied').model, bad);
    expect((await failure(() => model.loadState(bad))).code).toBe('state-corrupt');
    await expectUsable();
  });
});
