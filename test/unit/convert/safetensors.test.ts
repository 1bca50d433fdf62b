import { describe, expect, it } from 'vitest';
import { openSafetensors } from '../../../models/convert/safetensors.ts';
import { f32, safetensorsFile } from '../../convert/files.ts';
import { lyingHeaders, takeApart } from '../../native/files.ts';
import { golden } from '../../native/golden.ts';
import { place, refusal } from './places.ts';

const { folder, write } = place();
const good = safetensorsFile(
  { a: f32([3, 2], [1, 2, 3, 4, 5, 6]), b: f32([0], []), c: f32([2], [7, 8]) },
  { kind: 'test' },
);

describe('a safetensors file', () => {
  it('is read row by row', async () => {
    const source = await openSafetensors(write('good', good));
    expect([...source.tensors.keys()]).toEqual(['a', 'b', 'c']);
    expect(source.metadata).toEqual({ kind: 'test' });
    const numbers = async (name: string, from: number, to: number) =>
      Array.from(new Float32Array(Uint8Array.from(await source.read(name, from, to)).buffer));
    expect(await numbers('a', 1, 3)).toEqual([3, 4, 5, 6]);
    expect(await numbers('a', 0, 1)).toEqual([1, 2]);
    expect(await numbers('b', 0, 0)).toEqual([]);
    expect(await numbers('c', 0, 2)).toEqual([7, 8]);
    await source.close();
  });

  it.each(Object.entries(lyingHeaders))('is refused when its header has %s', async (_, lie) => {
    const path = write('lie', lie(takeApart(golden('llamba/q4g64-untied').model)));
    expect((await refusal(() => openSafetensors(path))).code).toBe('model-invalid');
  });

  it('is refused wherever it is cut', async () => {
    for (let length = 0; length < good.length; length++) {
      const path = write('cut', good.subarray(0, length));
      expect((await refusal(() => openSafetensors(path))).code, `${length} bytes`).toBe('model-invalid');
    }
  });

  it('takes a metadata of null, as MLX writes it, and none', async () => {
    const header = Buffer.from('{"__metadata__":null,"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const source = await openSafetensors(write('null', Buffer.concat([length, header, Buffer.alloc(4)])));
    expect(source.metadata).toEqual({});
    await source.close();
  });

  it('is said not to be there, or to be no file', async () => {
    expect((await refusal(() => openSafetensors('/nowhere/x'))).code).toBe('file-unreadable');
    expect((await refusal(() => openSafetensors(folder))).code).toBe('file-unreadable');
  });
});
