/** What the pickle of a state dict may speak of: names of tensors' parts, storages, tensors. Nothing else has a meaning. */

/** One tensor of a storage; sizes and strides are in elements. */
export interface PickledTensor {
  readonly storage: { readonly type: string; readonly key: string; readonly elements: number };
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Why a pickle was refused. */
export class PickleError extends Error {}

export class Named {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}
export class Pickled {
  readonly tensor: PickledTensor;
  constructor(tensor: PickledTensor) {
    this.tensor = tensor;
  }
}
class Storage {
  readonly type: string;
  readonly key: string;
  readonly elements: number;
  constructor(type: string, key: string, elements: number) {
    this.type = type;
    this.key = key;
    this.elements = elements;
  }
}
const storages = /^torch (Float|Half|BFloat16|Double|Long|Int|Short|Char|Byte|Bool)Storage$/;
const callables = new Set([
  'torch._utils _rebuild_tensor_v2',
  'torch._utils _rebuild_parameter',
  'collections OrderedDict',
]);

/** A name that the pickle asks for. */
export function named(module: unknown, name: unknown): Named {
  // Tuples of tuples of themselves would be spelt out without end.
  if (typeof module !== 'string' || typeof name !== 'string') throw new PickleError('a name is no text');
  const full = `${module} ${name}`;
  if (callables.has(full) || storages.test(full)) return new Named(full);
  throw new PickleError(`it asks for ${full.slice(0, 120).replace(' ', '.')}, which no state dict needs`);
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** ('storage', type, key, location, elements) */
export function storage(id: unknown): Storage {
  const [kind, type, key, , elements] = Array.isArray(id) ? id : [];
  const [, known] = type instanceof Named ? (storages.exec(type.name) ?? []) : [];
  if (
    kind !== 'storage' ||
    !known ||
    typeof key !== 'string' ||
    !/^\d{1,9}$/.test(key) ||
    !isSize(elements)
  ) {
    throw new PickleError('a tensor has no storage of a known kind');
  }
  return new Storage(known, key, elements);
}

/** What calling it gives; nothing is called. */
export function reduce(callable: unknown, args: unknown): unknown {
  if (!(callable instanceof Named) || !Array.isArray(args))
    throw new PickleError('it calls what is no function');
  if (callable.name === 'collections OrderedDict' && args.length === 0) return new Map();
  if (callable.name === 'torch._utils _rebuild_parameter' && args[0] instanceof Pickled) return args[0];
  if (callable.name !== 'torch._utils _rebuild_tensor_v2')
    throw new PickleError('it calls with strange arguments');
  const [from, offset, shape, strides] = args;
  const areSizes = (sizes: unknown): sizes is number[] =>
    Array.isArray(sizes) && sizes.length <= 8 && sizes.every(isSize);
  if (!(from instanceof Storage) || !isSize(offset) || !areSizes(shape) || !areSizes(strides)) {
    throw new PickleError('a tensor has strange sizes');
  }
  return new Pickled({ storage: from, offset, shape, strides });
}
