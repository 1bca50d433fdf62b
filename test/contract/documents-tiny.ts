/** Documents for a tiny model, whose words mean nothing: long texts made here, and a library of their own. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLibrary } from '../../electron/core/documents/library.ts';
import { seeded, someWords } from '../user/seeded.ts';

export function somewhere() {
  const folder = mkdtempSync(join(tmpdir(), 'llamba-documents-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  return {
    folder,
    data,
    open: () => openLibrary(data),
    write(name: string, text: string): string {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
  };
}

/** Of `count` paragraphs, the same for the same seed. */
export function paragraphs(count: number, seed = 1): string[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, i) => `${i}: ${someWords(random, random.between(20, 80))}.`);
}
