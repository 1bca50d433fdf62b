/** A folder for a test file's own files, removed after it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { AppErrorValue } from '../../../electron/shared/errors.ts';

export function place() {
  const folder = mkdtempSync(join(tmpdir(), 'llamba-convert-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    write(name: string, content: string | Uint8Array): string {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
  };
}

/** Code and message that the work fails with. */
export async function refusal(work: () => Promise<unknown>): Promise<AppErrorValue> {
  const thrown = await work().then(
    () => null,
    (error) => error,
  );
  expect(thrown, 'it was taken').not.toBeNull();
  expect(thrown.hint).toEqual(expect.any(String));
  return thrown;
}
