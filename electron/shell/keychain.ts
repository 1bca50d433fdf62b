/** A secret kept by the system's keychain: what lies in the file can be read by this app and this user alone. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Secret } from '../core/network/network.ts';

/** The part of Electron's safeStorage that is used here. */
export interface SafeStorage {
  isEncryptionAvailable(): boolean;
  /** Linux only. */
  getSelectedStorageBackend?(): string;
  encryptString(text: string): Buffer;
  decryptString(encrypted: Buffer): string;
}

/** Without a keychain nothing is written: the secret then ends with the app. */
export function kept(file: string, storage: SafeStorage): Secret {
  // On a Linux without a keychain Chromium "encrypts" with a password that everybody knows.
  const isSafe = () =>
    storage.isEncryptionAvailable() && storage.getSelectedStorageBackend?.() !== 'basic_text';
  return {
    read() {
      if (!existsSync(file) || !isSafe()) return null;
      try {
        return storage.decryptString(readFileSync(file));
      } catch {
        // Written under another user's or another computer's keychain: worth nothing here.
        rmSync(file, { force: true });
        return null;
      }
    },
    write(secret) {
      if (secret === null) rmSync(file, { force: true });
      else if (isSafe()) writeFileSync(file, storage.encryptString(secret), { mode: 0o600 });
    },
  };
}
