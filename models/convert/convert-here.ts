/**
 * Converts a model in this process. What is being made lies beside the destination under `.partial-convert-NAME`, with a
 * journal: killed at any moment it goes on where it was, and the destination is there whole or not at all.
 */
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { publishFolder, replaceFile, toSystemError } from '../../electron/core/models/disk.ts';
import { describeFolder, writeManifest } from '../../electron/core/models/manifest.ts';
import { takeOwnership } from '../../electron/core/sessions/owner.ts';
import { AppError } from '../../electron/shared/errors.ts';
import type { Conversion } from '../../electron/shared/models.ts';
import { copyCompanions, mergedTemplate } from './companions.ts';
import { openGgufModel } from './gguf-model.ts';
import { type OpenedModel, openModel } from './open-model.ts';
import type { Quantizer } from './parts.ts';
import { planConversion } from './plan.ts';
import { indexOf, layShards, maxShardBytes } from './shards.ts';
import { cancelled, type Writing, writeShards } from './writer.ts';

/** Smaller in tests only. */
export interface Limits {
  /** Of one file. */
  readonly shardBytes?: number | undefined;
  /** After so many a kill loses nothing. */
  readonly syncBytes?: number | undefined;
}

export interface ConvertOptions extends Writing {
  /** What people will call it; default: the source's own name. */
  readonly name?: string | undefined;
  readonly limits?: Limits | undefined;
}

export const scratchOf = (destination: string) =>
  join(dirname(resolve(destination)), `.partial-convert-${basename(resolve(destination))}`);

/** Removes what a conversion that was stopped left behind. */
export const discard = (destination: string) => rm(scratchOf(destination), { recursive: true, force: true });

/**
 * The blocks of a GGUF file are kept exactly, whatever is asked for. Throws AppErrors; with code `cancelled` or `disk-full`
 * a later call goes on.
 */
export async function convertHere(
  source: string,
  destination: string,
  conversion: Conversion,
  quantize: Quantizer,
  options: ConvertOptions = {},
): Promise<void> {
  const target = resolve(destination);
  if (existsSync(target)) throw exists(target);
  const made = source.toLowerCase().endsWith('.gguf')
    ? await fromGguf(source, conversion, quantize, options)
    : await fromModel(source, conversion, quantize, options);
  try {
    await write(target, made, options);
  } catch (error) {
    throw options.signal?.aborted ? cancelled : toSystemError(error);
  } finally {
    await made.close();
  }
}

/** What is to be written, from whatever kind of source. */
interface Made {
  readonly parts: Parameters<typeof layShards>[0];
  readonly metadata: Record<string, string>;
  /** Small files beside the weights, whole. */
  readonly texts: Readonly<Record<string, string>>;
  /** Whose other files are copied; null: there are none. */
  readonly companions: Pick<OpenedModel, 'path' | 'folder'> | null;
  readonly origin: string;
  /** Whose change makes what was begun worthless. */
  readonly files: readonly string[];
  close(): Promise<void>;
}

async function fromModel(
  path: string,
  conversion: Conversion,
  quantize: Quantizer,
  { name }: ConvertOptions,
): Promise<Made> {
  const model = await openModel(path);
  try {
    const plan = planConversion(model, conversion, quantize, name ?? model.name);
    const template = mergedTemplate(model.folder);
    const { bits, groupSize, embedding } = conversion;
    return {
      parts: plan.parts,
      metadata: plan.metadata,
      texts: {
        'config.json': pretty(plan.config),
        ...(template && { 'tokenizer_config.json': pretty(template) }),
      },
      companions: model,
      origin: `converted from ${model.path}: ${bits} bits, groups of ${groupSize}, embedding ${embedding}`,
      files: model.files,
      close: model.source.close,
    };
  } catch (error) {
    await model.source.close();
    throw error;
  }
}

async function fromGguf(
  path: string,
  conversion: Conversion,
  quantize: Quantizer,
  { name }: ConvertOptions,
): Promise<Made> {
  const { parts, texts, close } = await openGgufModel(path, name, { conversion, quantize });
  const origin = `imported from ${resolve(path)}`;
  return { parts, texts, metadata: { format: 'mlx' }, companions: null, origin, files: [path], close };
}

async function write(target: string, made: Made, options: ConvertOptions): Promise<void> {
  const scratch = scratchOf(target);
  await mkdir(scratch, { recursive: true });
  const owner = takeOwnership(join(scratch, 'owner.lock'));
  if (!owner) throw busy(target);
  try {
    // Another one may have ended since the target was looked for, and have taken its lock along.
    if (existsSync(target)) {
      await rm(scratch, { recursive: true, force: true });
      throw exists(target);
    }
    const folder = join(scratch, basename(target));
    await fill(folder, made, options);
    await publishFolder(folder, target);
    // By another name first: what comes now makes a folder of its own instead of filling the one that goes.
    const gone = `${scratch}-done-${process.pid}`;
    await rename(scratch, gone);
    await rm(gone, { recursive: true, force: true });
  } finally {
    owner.release();
  }
}

/** All files of the model, its manifest last. */
async function fill(folder: string, made: Made, options: ConvertOptions): Promise<void> {
  const shards = layShards(made.parts, made.metadata, options.limits?.shardBytes ?? maxShardBytes);
  const identity = createHash('sha256').update(
    JSON.stringify([made.origin, made.texts, made.files.map(stamp)]),
  );
  for (const { head } of shards) identity.update(head);
  await writeShards(folder, join(dirname(folder), 'journal'), identity.digest('hex'), shards, {
    ...options,
    syncBytes: options.limits?.syncBytes,
  });
  if (made.companions) await copyCompanions(made.companions, folder);
  const texts = { ...made.texts, 'model.safetensors.index.json': pretty(indexOf(shards)) };
  for (const [name, text] of Object.entries(texts)) await replaceFile(join(folder, name), text);
  const watching = options.signal ? { signal: options.signal } : {};
  await writeManifest(folder, await describeFolder(folder, made.origin, watching));
}

const pretty = (value: unknown) => `${JSON.stringify(value, null, 1)}\n`;

function stamp(path: string) {
  const { size, mtimeMs, ino } = statSync(path);
  return [path, size, mtimeMs, ino];
}

const exists = (target: string) =>
  new AppError('bad-request', `${target} is there already.`, 'Choose another place, or remove it first.');
const busy = (target: string) =>
  new AppError('busy', `Another process is making ${target}.`, 'Wait for it, or choose another place.');
