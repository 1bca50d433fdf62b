/**
 * Brings a model that lies somewhere else among the app's: by links where it can be used as it is, by a conversion where
 * it cannot. A hard link costs nothing and survives the removal of the original; across file systems it is a symbolic one.
 */
import { existsSync } from 'node:fs';
import { link, mkdir, realpath, rm, symlink } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { publishFolder, toSystemError } from '../../electron/core/models/disk.ts';
import { describeFolder, writeManifest } from '../../electron/core/models/manifest.ts';
import { AppError } from '../../electron/shared/errors.ts';
import type { Conversion, Recognised } from '../../electron/shared/models.ts';
import { companionsOf } from './companions.ts';
import { type ConvertControl, convert, scratchOf } from './convert.ts';
import { openModel } from './open-model.ts';
import { recognise } from './recognise.ts';
import { cancelled } from './writer.ts';

export interface ImportControl extends ConvertControl {
  /** How full-size weights become smaller. Default: 4 bits in groups of 64. */
  readonly conversion?: Conversion | undefined;
  /** Its folder's name. */
  readonly id: string;
}

export const usual: Conversion = { bits: 4, groupSize: 64, embedding: 4 };

/** Into `folder` as `folder/ID`, which must not be there. Returns where. Throws `unsupported` and the like with the reason. */
export async function importModel(path: string, folder: string, control: ImportControl): Promise<string> {
  const found = await recognise(path);
  if (found.how === 'refuse') throw refused(found);
  const target = join(resolve(folder), control.id);
  if (existsSync(target)) throw exists(target);
  await mkdir(folder, { recursive: true });
  if (found.how === 'reference') await linked(found, target, control);
  else await convert(path, target, control.conversion ?? usual, control);
  return target;
}

async function linked(
  found: Recognised,
  target: string,
  { signal, onProgress }: ImportControl,
): Promise<void> {
  const model = await openModel(found.path);
  await model.source.close();
  const scratch = scratchOf(target);
  await rm(scratch, { recursive: true, force: true });
  try {
    await mkdir(scratch, { recursive: true });
    const others = companionsOf(model).map((name) => join(model.folder, name));
    const files = [...model.files, ...others];
    for (const file of files) await linkFile(file, join(scratch, basename(file)));
    let done = 0;
    const onBytes = (bytes: number) => {
      done += bytes;
      onProgress?.(Math.min(done, found.bytes), found.bytes);
    };
    const watching = { ...(signal && { signal }), onBytes };
    await writeManifest(scratch, await describeFolder(scratch, model.path, watching));
    await publishFolder(scratch, target);
  } catch (error) {
    await rm(scratch, { recursive: true, force: true });
    throw signal?.aborted ? cancelled : toSystemError(error);
  }
}

/** A link of a link would end with it: what a symbolic one points to is linked. */
async function linkFile(from: string, to: string): Promise<void> {
  const real = await realpath(from);
  try {
    await link(real, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'EMLINK' && code !== 'ENOTSUP') throw error;
    await symlink(real, to);
  }
}

const refused = ({ reason }: Recognised) =>
  new AppError(
    'unsupported',
    reason,
    'Choose a Llamba, a Llama in mlx-lm’s form, or a GGUF file of a Llama.',
  );
const exists = (target: string) =>
  new AppError(
    'bad-request',
    `There is a model ${basename(target)} already.`,
    'Remove it first, or give another name.',
  );
