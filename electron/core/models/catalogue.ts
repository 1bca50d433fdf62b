/** models/catalog.json: what can be fetched, checked against its schema when the app starts. */
import * as v from 'valibot';
import catalog from '../../../models/catalog.json' with { type: 'json' };
import type { CatalogueModel } from '../../shared/contract.ts';

const text = v.pipe(v.string(), v.minLength(1));
const bytes = v.pipe(v.number(), v.integer(), v.minValue(0));
const repository = v.pipe(v.string(), v.regex(/^[\w-]+\/[\w.-]+$/));
/** Relative, of plain names; one `*` stands for whatever shards a repository has. */
const path = v.pipe(v.string(), v.regex(/^(?!\.)[\w.*-]+(\/(?!\.)[\w.-]+)*$/));
/** A file that is in no hub's repository has an address, and then its size and checksum must be known. */
const address = v.pipe(v.string(), v.url(), v.startsWith('https://'));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const file = v.union([
  v.strictObject({ path, bytes: v.nullable(bytes), sha256: v.nullable(sha256) }),
  v.strictObject({ path: address, bytes, sha256 }),
]);

const model = v.pipe(
  v.strictObject({
    id: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]*$/)),
    name: text,
    architecture: v.picklist(['llamba', 'llama']),
    twin: v.nullable(text),
    about: text,
    parameters: bytes,
    form: v.picklist(['mlx', 'pytorch', 'gguf', 'embedded']),
    repository: v.nullable(repository),
    files: v.array(file),
    tokenizer: v.nullable(v.strictObject({ repository, files: v.pipe(v.array(path), v.minLength(1)) })),
    licences: v.strictObject({ weights: text, tokenizer: text }),
    weightBytes: bytes,
    stateBytes: bytes,
    stateBytesPerToken: bytes,
    largestTensorBytes: bytes,
    trainedLength: v.nullable(bytes),
    limits: text,
    scores: v.array(v.strictObject({ name: text, value: v.number(), unit: text, source: text })),
  }),
  v.check(
    ({ form, repository, files }) =>
      form === 'embedded' || repository !== null || files.every(({ path }) => path.startsWith('https://')),
    'files without a repository need addresses',
  ),
);

const catalogue = v.pipe(
  v.strictObject({ version: v.literal(1), models: v.pipe(v.array(model), v.minLength(1)) }),
  v.check(({ models }) => new Set(models.map(({ id }) => id)).size === models.length, 'ids must differ'),
  v.check(
    ({ models }) =>
      models.every(({ id, twin }) => twin === null || models.some((m) => m.id === twin && m.twin === id)),
    'twins must name each other',
  ),
);

/** Throws an Error that names the first thing that is wrong. */
export function parseCatalogue(value: unknown): readonly CatalogueModel[] {
  const result = v.safeParse(catalogue, value);
  if (result.success) return result.output.models;
  const [issue] = result.issues;
  throw new Error(`catalog.json: ${v.getDotPath(issue) ?? ''}: ${issue.message}`);
}

export const shippedCatalogue = (): readonly CatalogueModel[] => parseCatalogue(catalog);
