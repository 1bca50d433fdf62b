/** Models on this disk: which there are, and what a name given by a person means. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ModelEntry, SamplingOptions } from '../../shared/contract.ts';
import type { LengthPoint } from '../../shared/documents.ts';
import { AppError } from '../../shared/errors.ts';
import { endingIds } from './endings.ts';

/** Where models lie, in the order in which they are looked for. The first folder's are part of the product. */
export type ModelFolders = readonly { readonly path: string; readonly embedded: boolean }[];

export function listModels(folders: ModelFolders): ModelEntry[] {
  return folders.flatMap(({ path, embedded }) =>
    (existsSync(path) ? readdirSync(path) : [])
      .filter((name) => !name.startsWith('.')) // what is being made or removed
      .sort()
      .map((name) => entryAt(join(path, name), embedded))
      .filter((entry) => entry !== null),
  );
}

/** By id: all that a page may ask for, which is to learn nothing of other files. */
export function knownModel(folders: ModelFolders, id: string): ModelEntry {
  const found = listModels(folders).find((entry) => entry.id === id);
  if (found) return found;
  throw notFound(id, `Choose one of ${idsOf(folders) || 'the models that you fetch first'}.`);
}

/** By id, or by the path of a folder or of one .safetensors file. */
export function findModel(folders: ModelFolders, name: string): ModelEntry {
  const found = listModels(folders).find(({ id }) => id === name) ?? entryAt(resolve(name), false);
  if (found) return found;
  const ids = idsOf(folders);
  throw notFound(name, `Give ${ids ? `one of ${ids}, ` : ''}a folder or a .safetensors file.`);
}

const idsOf = (folders: ModelFolders) =>
  listModels(folders)
    .map(({ id }) => id)
    .join(', ');
const notFound = (name: string, hint: string) =>
  new AppError('model-not-found', `There is no model "${name}".`, hint);

export function defaultModel(folders: ModelFolders): ModelEntry {
  const [first] = listModels(folders);
  if (first) return first;
  throw new AppError(
    'model-not-found',
    'There is no model on this computer.',
    'Fetch the repository again: the embedded model is part of it.',
  );
}

function entryAt(path: string, embedded: boolean): ModelEntry | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return null;
  if (stats.isFile()) {
    if (!path.endsWith('.safetensors')) return null;
    const id = basename(path, '.safetensors');
    return { id, name: id, path, weightBytes: stats.size, embedded };
  }
  const shards = readdirSync(path).filter((name) => name.endsWith('.safetensors'));
  if (shards.length === 0) return null;
  // A link to a disk that is not there: loading says so, and it can still be removed.
  const size = (name: string) => statSync(join(path, name), { throwIfNoEntry: false })?.size ?? 0;
  const weightBytes = shards.reduce((sum, name) => sum + size(name), 0);
  return { id: basename(path), name: nameOf(path), path, weightBytes, embedded };
}

/** A broken configuration is told when the model is loaded; until then it must not hide the other models. */
function nameOf(path: string): string {
  try {
    const { name } = readConfig(join(path, 'config.json'));
    if (typeof name === 'string') return name;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
  return basename(path);
}

/** What the model's own files say beside the weights: how to sample, where to stop, how far it was measured. */
export interface ModelDefaults {
  readonly sampling: SamplingOptions;
  readonly stopIds: readonly number[];
  readonly defaultSystem: string | null;
  readonly safeLength: number | null;
  readonly lengthProbe: readonly LengthPoint[];
}

export function readDefaults(entry: ModelEntry): ModelDefaults {
  const folder = folderOf(entry);
  const config = readConfig(join(folder, 'config.json'));
  const generation = readConfig(join(folder, 'generation_config.json'));
  const told = generation.eos_token_id ?? config.eos_token_id;
  const eos = told ?? endingIds(readConfig(join(folder, 'tokenizer.json')));
  return {
    sampling: samplingOf(generation),
    stopIds: [eos].flat().filter((id): id is number => Number.isInteger(id)),
    defaultSystem: typeof config.default_system_prompt === 'string' ? config.default_system_prompt : null,
    safeLength: typeof config.safe_length === 'number' ? config.safe_length : null,
    lengthProbe: Array.isArray(config.length_probe) ? config.length_probe.filter(isLengthPoint) : [],
  };
}

/** As `llamba probe --length FILE --write` writes them; a file by other hands may hold anything. */
function isLengthPoint(value: unknown): value is LengthPoint {
  const { length, perplexity, near, norm } = (value ?? {}) as Partial<LengthPoint>;
  return [length, perplexity, near, norm ?? 0].every((number) => Number.isFinite(number));
}

/** What a generation_config.json says of sampling, and what holds where it is silent. */
export function samplingOf(generation: Record<string, unknown>): SamplingOptions {
  const number = (value: unknown, otherwise: number) => (typeof value === 'number' ? value : otherwise);
  return {
    temperature: generation.do_sample === false ? 0 : number(generation.temperature, 0.7),
    topK: number(generation.top_k, 0),
    topP: number(generation.top_p, 1),
    minP: number(generation.min_p, 0),
    repetitionPenalty: number(generation.repetition_penalty, 1),
    maxTokens: number(generation.max_new_tokens, 1024),
    seed: null,
    stop: [],
  };
}

/** Where the tokenizer and configuration of a model lie: its folder, or the folder of its one file. */
export const folderOf = ({ path }: ModelEntry) => (path.endsWith('.safetensors') ? dirname(path) : path);

/** A missing file is an empty configuration (cartesia's releases have none); a broken one is an error. */
function readConfig(path: string): Record<string, unknown> {
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new AppError('model-invalid', `${path} is not valid JSON.`, 'Fetch the model again.');
  }
}
