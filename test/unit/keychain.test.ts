import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNetwork } from '../../electron/core/network/network.ts';
import { kept, type SafeStorage } from '../../electron/shell/keychain.ts';

const storage: SafeStorage = {
  isEncryptionAvailable: () => true,
  encryptString: (text) => Buffer.from(text).map((byte) => byte ^ 0x55) as Buffer,
  decryptString: (encrypted) => {
    const text = Buffer.from(encrypted.map((byte) => byte ^ 0x55)).toString();
    if (!text.startsWith('hf_')) throw new Error('not ours');
    return text;
  },
};
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keychain-'));
  file = join(folder, 'hub-token');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the token', () => {
  it('is kept encrypted, and is there at the next start', async () => {
    const first = createNetwork({ folder: null, token: kept(file, storage) });
    first.setToken('hf_secret');
    expect(readFileSync(file, 'latin1')).not.toContain('secret');
    const second = createNetwork({ folder: null, token: kept(file, storage) });
    expect(second.state().hasToken).toBe(true);
    second.setToken(null);
    expect(existsSync(file)).toBe(false);
    await first.close();
    await second.close();
  });
  it.each([
    { ...storage, isEncryptionAvailable: () => false },
    { ...storage, getSelectedStorageBackend: () => 'basic_text' },
  ])('is not written where there is no keychain', (unsafe) => {
    kept(file, unsafe).write('hf_secret');
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, storage.encryptString('hf_secret'));
    expect(kept(file, unsafe).read()).toBeNull();
  });
  it('of another keychain is forgotten', () => {
    writeFileSync(file, 'something else');
    expect(kept(file, storage).read()).toBeNull();
    expect(existsSync(file)).toBe(false);
  });
});
