import { describe, expect, it } from 'vitest';
import { readStateDict } from '../../../models/convert/pickle.ts';
import { openPytorch } from '../../../models/convert/pytorch.ts';
import { f32, pytorchFile, stateDictPickle, zipFile } from '../../convert/files.ts';
import { place, refusal } from './places.ts';

const { write } = place();
const tensors = {
  'layer.weight': f32([3, 2], [1, 2, 3, 4, 5, 6]),
  'layer.bias': { dtype: 'BF16', shape: [2], data: Uint8Array.of(0x80, 0x3f, 0, 0x40) },
} as const;

describe('a PyTorch file', () => {
  it('gives its tensors without running anything', async () => {
    const source = await openPytorch(write('good.bin', pytorchFile(tensors)));
    expect([...source.tensors.values()].map(({ name, dtype, shape }) => ({ name, dtype, shape }))).toEqual([
      { name: 'layer.weight', dtype: 'F32', shape: [3, 2] },
      { name: 'layer.bias', dtype: 'BF16', shape: [2] },
    ]);
    expect(Buffer.from(await source.read('layer.weight', 1, 2))).toEqual(
      Buffer.from(Float32Array.of(3, 4).buffer),
    );
    expect(Buffer.from(await source.read('layer.bias', 0, 2))).toEqual(Buffer.from([0x80, 0x3f, 0, 0x40]));
    await source.close();
  });

  /** What a pickle can do to who believes it. */
  const attacks: Record<string, string> = {
    'a call of the shell': '\x80\x02cos\nsystem\nX\x02\0\0\0id\x85R.',
    'another name for it': '\x80\x02cposix\nsystem\nX\x02\0\0\0id\x85R.',
    'eval by a stacked name': '\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x01a\x85R.',
    'a name inside torch': '\x80\x02ctorch.hub\nload\n)R.',
    'the loading of another pickle': '\x80\x02ctorch.storage\n_load_from_bytes\n)R.',
    'a step that builds objects': '\x80\x02ccollections\nOrderedDict\n)\x81.',
    'an instance': '(icollections\nOrderedDict\n.',
    'an extension': '\x80\x02\x82\x01.',
    'a name with a line in it': '\x80\x02ccollections\nOrderedDict\x00\n)R.',
    'a name of tuples doubled forty times': `\x80\x04)q\0${'h\0h\0\x86q\0'.repeat(40)}h\0h\0\x93.`,
    'a call of what is no function': '\x80\x02X\x01\0\0\0a)R.',
    'a tensor of strange sizes':
      '\x80\x02}X\x01\0\0\0ac' + 'torch._utils\n_rebuild_tensor_v2\n(NNNNt' + 'Rs.',
  };
  it.each(Object.entries(attacks))('is refused with %s', (_, pickle) => {
    expect(() => readStateDict(Buffer.from(pickle, 'latin1'))).toThrow(
      /which no state dict needs|strange|no function|no text/,
    );
  });

  it('is refused wherever its pickle is cut', () => {
    const pickle = stateDictPickle(tensors);
    expect(readStateDict(pickle).size).toBe(2);
    for (let length = 0; length < pickle.length; length++) {
      expect(() => readStateDict(pickle.subarray(0, length)), `${length} bytes`).toThrow(/ends too early/);
    }
  });

  it('is refused when a tensor reaches beyond its numbers, or lies across', async () => {
    const code = async (file: Buffer) => (await refusal(() => openPytorch(write('bad.bin', file)))).code;
    const pickle = stateDictPickle({ a: { ...tensors['layer.weight'], shape: [4, 2] } });
    expect(await code(pytorchFile({ a: tensors['layer.weight'] }, pickle))).toBe('model-invalid');
    const square = stateDictPickle({ a: f32([2, 2], [1, 2, 3, 4]) });
    const across = Buffer.from(square);
    const strides = across.lastIndexOf(Buffer.from('(J\x02\0\0\0J\x01\0\0\0t', 'latin1'));
    across.writeUInt32LE(1, strides + 2);
    across.writeUInt32LE(2, strides + 7);
    expect(await code(pytorchFile({ a: f32([2, 2], [1, 2, 3, 4]) }, across))).toBe('model-invalid');
    expect(await code(zipFile({ 'archive/data.pkl': pickle }))).toBe('model-invalid');
    expect(await code(zipFile({ 'other/thing': Buffer.from('x') }))).toBe('model-invalid');
    const big = zipFile({ 'a/data.pkl': stateDictPickle({}), 'a/byteorder': Buffer.from('big') });
    expect(await code(big)).toBe('model-invalid');
    expect(await code(Buffer.from('\x80\x02}q\0.'))).toBe('model-invalid');
  });

  it('is refused wherever it is cut', async () => {
    const file = pytorchFile(tensors);
    for (let length = 0; length < file.length; length += 3) {
      const path = write('cut.bin', file.subarray(0, length));
      expect((await refusal(() => openPytorch(path))).code, `${length} bytes`).toMatch(
        /^(model|file)-invalid$/,
      );
    }
  });
});
