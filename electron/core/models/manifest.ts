/** llamba-files.json in a model's folder: what it consists of and where each file came from, so that it can be verified. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import { sha256Of, type Watching } from './digests.ts';
import { replaceFile } from './disk.ts';

export const manifestName = 'llamba-files.json';

const isInside = (path: string) =>
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..') && !path.includes('\\');

const manifestSchema = v.object({
  version: v.literal(1),
  files: v.array(
    v.object({
      path: v.pipe(v.string(), v.check(isInside, 'a path leads out of the folder')),
      bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      /** A repository, an address, or how it was made. */
      source: v.string(),
      commit: v.nullable(v.string()),
    }),
  ),
});

export type Manifest = v.InferOutput<typeof manifestSchema>;
export type ManifestFile = Manifest['files'][number];

export const writeManifest = (folder: string, files: readonly ManifestFile[]) =>
  replaceFile(
    join(folder, manifestName),
    `${JSON.stringify({ version: 1, files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)) }, null, 1)}\n`,
  );

/** null: the model has none, as those that somebody put there by hand. Throws `file-invalid`. */
export async function readManifest(folder: string): Promise<Manifest | null> {
  const text = await readFile(join(folder, manifestName), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return v.parse(manifestSchema, JSON.parse(text));
  } catch {
    throw new AppError(
      'file-invalid',
      `${manifestName} of this model is damaged.`,
      'Fetch or import it again.',
    );
  }
}

/** Lists and hashes every file of a folder that has just been made, but for an earlier manifest. */
export async function describeFolder(
  folder: string,
  source: string,
  watching: Watching = {},
): Promise<ManifestFile[]> {
  const files: ManifestFile[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const full = join(entry.parentPath, entry.name);
    const path = relative(folder, full);
    if (entry.isDirectory() || path === manifestName) continue;
    files.push({ path, source, commit: null, ...(await sha256Of(full, watching)) });
  }
  return files;
}

/** Reads every byte again. Throws `file-invalid`, naming the first file that is not as it was. */
export async function verifyFolder(
  folder: string,
  { files }: Manifest,
  watching: Watching = {},
): Promise<void> {
  for (const { path, bytes, sha256 } of files) {
    const size = await stat(join(folder, path)).then(
      (found) => found.size,
      () => null,
    );
    if (size === null) throw damaged(path, 'is gone');
    if (size !== bytes) throw damaged(path, `has ${size} bytes instead of ${bytes}`);
    const found = await sha256Of(join(folder, path), watching);
    if (found.sha256 !== sha256) throw damaged(path, 'is damaged: its checksum is not what it was');
  }
}

const damaged = (path: string, what: string) =>
  new AppError('file-invalid', `${path} ${what}.`, 'Remove the model and fetch or import it again.');
