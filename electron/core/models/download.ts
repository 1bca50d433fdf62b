/** From a catalogue's entry to a model in its folder: fetched, verified, where need be converted, then there at once. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogueModel, Conversion } from '../../shared/contract.ts';
import { publishFolder, toSystemError } from './disk.ts';
import type { Progress } from './download-plan.ts';
import { type FetchContext, type FetchControl, fetchModel } from './fetch-model.ts';
import { readManifest, writeManifest } from './manifest.ts';
import { openPartial, type Partial } from './partial.ts';
import type { ModelTools } from './tools.ts';
import { unpackGguf } from './unpack.ts';

/** What 3B and 8B become: 2.06 and 4.68 GB (spec 6); the catalogue's `weightBytes` are of this. */
export const usualConversion: Conversion = { bits: 4, groupSize: 64, embedding: 4 };

export interface DownloadContext extends FetchContext {
  /** The folder of the user's models. */
  readonly models: string;
  readonly tools: ModelTools;
}

export interface DownloadControl extends FetchControl {
  readonly onConverting: () => void;
}

/** Killed at any moment it leaves the model whole, or not there. Throws an AppError, or the signal's reason. */
export async function downloadModel(
  model: CatalogueModel,
  context: DownloadContext,
  control: DownloadControl,
): Promise<void> {
  const partial = await openPartial(context.models, model.id);
  try {
    const destination = join(context.models, model.id);
    // Killed between the model's appearance and the end of its partial folder.
    if (!existsSync(destination)) await make(model, partial, destination, context, control);
    await partial.remove();
  } catch (error) {
    control.signal.throwIfAborted();
    throw toSystemError(error);
  } finally {
    partial.release();
  }
}

async function make(
  model: CatalogueModel,
  partial: Partial,
  destination: string,
  context: DownloadContext,
  control: DownloadControl,
): Promise<void> {
  const progress = await fetchModel(model, partial, context, control);
  if (model.form === 'mlx') {
    await writeManifest(partial.files, progress.map(manifestFile));
    await publishFolder(partial.files, destination);
    return;
  }
  control.onConverting();
  const from = model.form === 'gguf' ? await unpacked(progress, partial, control.signal) : partial.files;
  await context.tools.convert(from, destination, usualConversion, {
    name: model.name,
    signal: control.signal,
    onProgress: control.onProgress,
  });
  // The conversion knows only the folder that it read from, which is gone soon.
  const manifest = await readManifest(destination);
  const [largest] = progress.toReversed();
  if (!manifest || !largest) return;
  const { source, commit } = largest.file;
  await writeManifest(
    destination,
    manifest.files.map((file) => ({ ...file, source: `made from ${source}`, commit })),
  );
}

/** The GGUF file itself, or the one in the archive that was fetched. */
async function unpacked([one]: readonly Progress[], partial: Partial, signal: AbortSignal): Promise<string> {
  const { path } = (one as Progress).file;
  const fetched = join(partial.files, path);
  if (path.endsWith('.gguf')) return fetched;
  const target = join(partial.folder, 'unpacked.gguf');
  await unpackGguf(fetched, target, signal);
  return target;
}

const manifestFile = ({ file: { path, bytes, source, commit }, sha256 }: Progress) => ({
  path,
  bytes,
  sha256: sha256 as string,
  source,
  commit,
});
