/** Opens what lies at a path as tensors under our names, whatever wrote it (spec 4.4). Only headers are read. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '../../electron/shared/errors.ts';
import { type Architecture, fromHub } from './names.ts';
import { openPytorch } from './pytorch.ts';
import { openSafetensors } from './safetensors.ts';
import { invalid, type Tensor, type TensorSource, together } from './source.ts';

export type Layout = 'cartesia-mlx' | 'hub' | 'mlx-lm' | 'llamba';
export type Config = Readonly<Record<string, unknown>>;

export interface OpenedModel {
  readonly path: string;
  /** Where its configuration and tokenizer lie. */
  readonly folder: string;
  readonly name: string;
  readonly layout: Layout;
  readonly architecture: Architecture;
  readonly config: Config;
  /** The files of its weights. */
  readonly files: readonly string[];
  readonly pickled: boolean;
  readonly source: TensorSource;
}

const maxJsonBytes = 16_000_000;

export async function openModel(path: string): Promise<OpenedModel> {
  const given = resolve(path);
  const stats = statSync(given, { throwIfNoEntry: false });
  if (!stats) throw new AppError('model-not-found', `There is nothing at ${path}.`, 'Check the path.');
  const folder = stats.isDirectory() ? given : dirname(given);
  const files = stats.isDirectory() ? weightFiles(given) : [given];
  if (!/\.(safetensors|bin|pt|pth)$/i.test(files[0] as string)) throw noWeights(given);
  const pickled = isPickled(files[0] as string);
  const config = readJson(join(folder, 'config.json'));
  const opened: TensorSource[] = [];
  try {
    for (const file of files)
      opened.push(await (isPickled(file) ? openPytorch(file) : openSafetensors(file)));
    const raw = together(opened, given);
    const { layout, architecture } = layoutOf(raw.tensors, config, given);
    const source = layout === 'hub' ? renamed(raw, given) : raw;
    const label = stats.isDirectory() ? basename(given) : basename(given).replace(/\.[a-z]+$/i, '');
    const name = typeof config.name === 'string' ? config.name : label;
    return { path: given, folder, name, layout, architecture, config, files, pickled, source };
  } catch (error) {
    await Promise.all(opened.map((source) => source.close()));
    throw error;
  }
}

const isPickled = (file: string) => /\.(bin|pt|pth)$/i.test(file);

/** An index says which files belong; else all of one kind. */
function weightFiles(folder: string): string[] {
  for (const index of ['model.safetensors.index.json', 'pytorch_model.bin.index.json']) {
    if (existsSync(join(folder, index))) return indexed(folder, index);
  }
  const names = readdirSync(folder).sort();
  const safe = names.filter((name) => name.endsWith('.safetensors'));
  const found = safe.length > 0 ? safe : names.filter((name) => /^pytorch_model.*\.bin$/.test(name));
  if (found.length === 0) throw noWeights(folder);
  return found.map((name) => join(folder, name));
}

const noWeights = (path: string) =>
  new AppError(
    'unsupported',
    `${path} holds no weights of a known kind.`,
    'A model is a folder with .safetensors files or pytorch_model.bin, or one .safetensors or .gguf file.',
  );

function indexed(folder: string, index: string): string[] {
  const path = join(folder, index);
  const map = readJson(path).weight_map;
  const names = new Set(Object.values(typeof map === 'object' && map !== null ? map : {}));
  if (names.size === 0) throw invalid(path, 'it names no files');
  return [...names].map((name) => {
    // A plain name only: an index must not lead out of its folder.
    if (typeof name !== 'string' || name === '' || name.includes('\0') || basename(name) !== name) {
      throw invalid(path, 'it names a bad file');
    }
    if (existsSync(join(folder, name))) return join(folder, name);
    throw new AppError(
      'tensor-missing',
      `${folder} is incomplete: there is no ${name}.`,
      'Fetch the model again.',
    );
  });
}

/** {} where there is none. */
export function readJson(path: string): Record<string, unknown> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return {};
  if (stats.size > maxJsonBytes) throw invalid(path, 'it is too long');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw invalid(path, 'it is not JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw invalid(path, 'it is not an object');
}

function layoutOf(tensors: ReadonlyMap<string, Tensor>, config: Config, path: string) {
  const some = (prefix: string) => [...tensors.keys()].some((name) => name.startsWith(prefix));
  const type = typeof config.model_type === 'string' ? config.model_type : '';
  if (some('embedding.encoder.') || some('model.layers.0.layer.')) {
    return { layout: type === 'llamba' ? 'llamba' : 'cartesia-mlx', architecture: 'llamba' } as const;
  }
  if (some('backbone.')) return { layout: 'hub', architecture: 'llamba' } as const;
  if (some('model.embed_tokens.') && type === 'llama')
    return { layout: 'mlx-lm', architecture: 'llama' } as const;
  throw new AppError(
    'unsupported',
    type
      ? `${path} holds a model of the kind "${type.slice(0, 60)}".`
      : `${path} holds no model of a known kind.`,
    'Llamba Desktop runs Llamba models, and Llama models to compare them with.',
  );
}

function renamed(raw: TensorSource, path: string): TensorSource {
  const stored = new Map<string, string>();
  const tensors = new Map<string, Tensor>();
  for (const [from, tensor] of raw.tensors) {
    const name = fromHub(from);
    if (tensors.has(name)) throw invalid(path, `"${name.slice(0, 200)}" is stored twice`);
    stored.set(name, from);
    tensors.set(name, { ...tensor, name });
  }
  return {
    tensors,
    metadata: raw.metadata,
    read: (name, from, to) => raw.read(stored.get(name) as string, from, to),
    close: raw.close,
  };
}
