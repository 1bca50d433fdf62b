/** What a conversion will write: decided whole, from names and shapes alone, before a number is read. */

import { AppError } from '../../electron/shared/errors.ts';
import type { Conversion } from '../../electron/shared/models.ts';
import { configOf } from './config.ts';
import { embeddingOf, isMatrix, missingNames } from './names.ts';
import type { OpenedModel } from './open-model.ts';
import { blocksOf, copied, type Part, type Quantizer, shrunk } from './parts.ts';
import { isFloat, type Tensor } from './source.ts';

export interface Plan {
  readonly parts: readonly Part[];
  readonly config: Record<string, unknown>;
  readonly metadata: Record<string, string>;
}

/** Throws `tensor-missing`, `tensor-shape` and `unsupported`, naming what does not fit. */
export function planConversion(
  model: OpenedModel,
  conversion: Conversion,
  quantize: Quantizer,
  name: string,
): Plan {
  const { source, architecture } = model;
  const missing = missingNames(architecture, new Set(source.tensors.keys()));
  if (missing.length > 0) throw lacks(missing);
  const embedding = `${embeddingOf[architecture]}.weight`;

  const part = (tensor: Tensor): Part => {
    const blocks = blocksOf(source, tensor);
    const stem = tensor.name.replace(/\.(weight|scales|biases)$/, '');
    if (source.tensors.has(`${stem}.scales`)) return copied(tensor, blocks); // a second rounding would only lose
    if (!isFloat(tensor.dtype)) throw unknownType(tensor);
    if (!isMatrix(architecture, tensor.name)) return copied(tensor, blocks, withoutOnes(tensor.shape));
    const bits = tensor.name === embedding ? conversion.embedding : conversion.bits;
    return shrunk(tensor, blocks, { bits, groupSize: conversion.groupSize }, quantize);
  };

  const parts = inOrder(source.tensors).map(part);
  if (!parts.some(({ outputs }) => outputs.length === 3)) throw nothingToDo(model.path);
  return { parts, config: configOf(model, conversion, name), metadata: metadataOf(model, conversion) };
}

/** Embedding, blocks by number, then the rest: the order in which a reader needs them. Tables that any reader computes go. */
function inOrder(tensors: ReadonlyMap<string, Tensor>): Tensor[] {
  const place = (name: string) => {
    const [, layer] = /^model\.layers\.(\d+)\./.exec(name) ?? [];
    return layer === undefined ? (/embed/.test(name) ? -1 : Number.MAX_SAFE_INTEGER) : Number(layer);
  };
  return [...tensors.values()]
    .filter(({ name }) => !name.endsWith('rotary_emb.inv_freq'))
    .toSorted((a, b) => place(a.name) - place(b.name) || (a.name < b.name ? -1 : 1));
}

/** The hub keeps convolutions as [channels, 1, taps]. */
const withoutOnes = (shape: readonly number[]) =>
  shape.filter((size, axis) => axis === 0 || size !== 1 || shape.length < 3);

/** What cartesia-mlx wrote of the model goes with it; of the quantization it says what is true now. */
function metadataOf({ source }: OpenedModel, { bits, groupSize }: Conversion): Record<string, string> {
  const own = Object.entries(source.metadata).filter(([key]) => !key.startsWith('quantization_kwargs.'));
  const metadata: Record<string, string> = { ...Object.fromEntries(own), format: 'mlx' };
  if (!('_class_' in metadata)) return metadata;
  return {
    ...metadata,
    'quantization_kwargs.group_size': String(groupSize),
    'quantization_kwargs.bits': String(bits),
  };
}

const another = 'The download is incomplete, or the model is of another kind.';
const lacks = (names: readonly string[]) =>
  new AppError(
    'tensor-missing',
    `The model lacks ${names.length} tensors: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' and more' : ''}.`,
    another,
  );
const unknownType = ({ name, dtype }: Tensor) =>
  new AppError(
    'unsupported',
    `${name} has numbers of the type ${dtype}; F32, F16 and BF16 can be converted.`,
    another,
  );
const nothingToDo = (path: string) =>
  new AppError('unsupported', `${path} is quantized already.`, 'Import it as it is: llamba models import.');
