/**
 * `llamba-files.json` in a model's folder: which files belong to it and what they must hold. Written when a model is
 * complete, by downloads, imports and conversions alike; verifying and removing go by it.
 */
import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { sha256Of } from '../../electron/core/models/digests.ts';
import { AppError } from '../../electron/shared/errors.ts';

export const manifestName = 'llamba-files.json';

const isPlainName = (path: string) =>
  !path.split('/').some((part) => part === '' || part === '.' || part === '..');

const schema = v.object({
  version: v.literal(1),
  files: v.array(
    v.object({
      path: v.pipe(v.string(), v.check(isPlainName, 'a path leads out of the folder')),
      bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      /** Where it came from, for people: a repository, a path, "converted from ..." */
      source: v.string(),
      commit: v.optional(v.string()),
    }),
  ),
});

export type Manifest = v.InferOutput<typeof schema>;
export type ManifestFile = Manifest['files'][number];

/** null where there is none: a model that nobody brought in here. Throws `model-invalid` for a broken one. */
export function readManifest(folder: string): Manifest | null {
  const path = join(folder, manifestName);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new AppError('file-unreadable', `${path} cannot be read.`, 'Check its permissions.');
  }
  try {
    return v.parse(schema, JSON.parse(text));
  } catch {
    throw new AppError('model-invalid', `${path} is broken.`, 'Remove the model and fetch it again.');
  }
}

/** Hashes `paths` of the folder and writes what was found. */
export async function writeManifest(
  folder: string,
  paths: readonly string[],
  sourceOf: (path: string) => string,
  options: { signal?: AbortSignal; onBytes?: (bytes: number) => void } = {},
): Promise<Manifest> {
  const files: ManifestFile[] = [];
  for (const path of paths)
    files.push({ path, ...(await sha256Of(join(folder, path), options)), source: sourceOf(path) });
  const manifest: Manifest = { version: 1, files };
  await writeDurably(join(folder, manifestName), `${JSON.stringify(manifest, null, 1)}\n`);
  return manifest;
}

/** Temporary name, sync, rename. */
export async function writeDurably(path: string, content: string): Promise<void> {
  const temporary = `${path}.part`;
  const handle = await open(temporary, 'w', 0o644);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}
