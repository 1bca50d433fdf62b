/** What lies at a path: which of the layouts of spec 4, and how it would be brought in. Only headers are read. */
import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { AppError, toErrorValue } from '../../electron/shared/errors.ts';
import type { Recognised } from '../../electron/shared/models.ts';
import { companionsOf } from './companions.ts';
import { nameOf, openGgufModel } from './gguf-model.ts';
import { embeddingOf, isMatrix, missingNames } from './names.ts';
import { type OpenedModel, openModel } from './open-model.ts';
import { bytesOf, elements, isFloat, type Tensor } from './source.ts';

/** Never throws for what it finds: what cannot be brought in is `refuse`, with the reason. */
export async function recognise(path: string): Promise<Recognised> {
  const given = resolve(path);
  try {
    if (!statSync(given, { throwIfNoEntry: false })) throw nothingThere(path);
    return /\.gguf$/i.test(given) ? await gguf(given) : await tensors(given);
  } catch (error) {
    const { code, message, hint } = toErrorValue(error);
    if (code === 'internal') throw error;
    return {
      path: given,
      layout: 'unsupported',
      name: basename(given),
      architecture: null,
      bytes: 0,
      how: 'refuse',
      reason: `${message} ${hint}`,
      weights: null,
    };
  }
}

async function gguf(path: string): Promise<Recognised> {
  const model = await openGgufModel(path);
  await model.close();
  return {
    path,
    layout: 'gguf',
    name: nameOf(path),
    architecture: 'llama',
    bytes: statSync(path).size,
    how: 'convert',
    reason: model.isDense
      ? fullSize
      : 'Its numbers are written anew in the form that the engine reads; none of them changes.',
    weights: model.isDense
      ? weightsOf(
          'llama',
          model.parts.flatMap(({ outputs }) => outputs),
        )
      : null,
  };
}

async function tensors(path: string): Promise<Recognised> {
  const model = await openModel(path);
  await model.source.close();
  const { architecture, layout, name, source } = model;
  const missing = missingNames(architecture, new Set(source.tensors.keys()));
  if (missing.length > 0) throw incomplete(path, missing);
  const bytes = [...source.tensors.values()].reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  const how = howOf(model);
  const weights = how.how === 'convert' ? weightsOf(architecture, [...source.tensors.values()]) : null;
  return { path, layout, name, architecture, bytes, ...how, weights };
}

/** As plan.ts and gguf-model.ts will treat them: what is quantized already is copied. */
function weightsOf(architecture: 'llamba' | 'llama', tensors: readonly Tensor[]): Recognised['weights'] {
  const names = new Set(tensors.map(({ name }) => name));
  const weights = { embedding: 0, matrices: 0, keptBytes: 0 };
  for (const tensor of tensors) {
    const { name, dtype, shape } = tensor;
    const kept = !isFloat(dtype) || names.has(name.replace(/\.weight$/, '.scales'));
    if (name.endsWith('rotary_emb.inv_freq')) continue;
    if (kept || !isMatrix(architecture, name)) weights.keptBytes += bytesOf(tensor);
    else if (name === `${embeddingOf[architecture]}.weight`) weights.embedding += elements(shape);
    else weights.matrices += elements(shape);
  }
  return weights;
}

const fullSize = 'Its weights are full size: at 4 bits it needs about a quarter of the memory.';

function howOf(model: OpenedModel): Pick<Recognised, 'how' | 'reason'> {
  const names = [...model.source.tensors.keys()];
  const tokenizer = companionsOf(model).includes('tokenizer.json')
    ? ''
    : ' It comes without a tokenizer: put tokenizer.json and tokenizer_config.json of its kind beside it.';
  if (model.pickled) {
    return {
      how: 'convert',
      reason: `PyTorch's files are written anew in the form that the engine reads.${tokenizer}`,
    };
  }
  // What is 4 or 8 bits already is used as it is, and so are models that were never meant to be smaller.
  const isQuantized = names.some((name) => name.endsWith('.scales'));
  const matrices = names.filter((name) => isMatrix(model.architecture, name));
  if (isQuantized || matrices.length === 0)
    return { how: 'reference', reason: `It is used where it lies.${tokenizer}` };
  return {
    how: 'convert',
    reason: `${fullSize}${tokenizer}`,
  };
}

const nothingThere = (path: string) =>
  new AppError('model-not-found', `There is nothing at ${path}.`, 'Check the path.');
const incomplete = (path: string, names: readonly string[]) =>
  new AppError(
    'tensor-missing',
    `${path} lacks ${names.length} tensors: ${names.slice(0, 4).join(', ')}${names.length > 4 ? ' and more' : ''}.`,
    'The download is incomplete, or the model is of another kind.',
  );
