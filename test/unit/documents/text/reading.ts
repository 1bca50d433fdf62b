/** Files of the tests, read without a process of their own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect } from 'vitest';
import { extractHere } from '../../../../electron/core/documents/text/extract-here.ts';
import { type Limits, usualLimits } from '../../../../electron/core/documents/text/extracted.ts';

export const committed = (name: string) =>
  fileURLToPath(new URL(`../../../fixtures/documents/${name}`, import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'llamba-text-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

export function fileOf(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

export const readPath = (path: string, limits: Partial<Limits> = {}) =>
  extractHere(path, { ...usualLimits, ...limits }, () => undefined);

export const read = (name: string, content: Uint8Array | string, limits: Partial<Limits> = {}) =>
  readPath(fileOf(name, content), limits);

/** What a reason has to be: for people, with what to do next. */
export const reason = (pattern: RegExp) => ({
  code: 'document-unreadable',
  message: expect.stringMatching(pattern),
  hint: expect.stringMatching(/\w{3}.*\.$/),
});

/** The whole text as one line, for sentences that other programs wrap as they like. */
export const flowing = (pages: readonly { readonly text: string }[]) =>
  pages
    .map(({ text }) => text)
    .join(' ')
    .replace(/\s+/g, ' ');
