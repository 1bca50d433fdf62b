/** What has to be fetched for a model, and what of an earlier attempt still counts. Pure. */
import type { CatalogueModel } from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import type { Digest } from './digests.ts';
import { fileAddress, type Listing, type RemoteFile } from './hub.ts';
import type { Interval } from './intervals.ts';

export interface PlannedFile {
  /** In the model's folder. */
  readonly path: string;
  readonly address: string;
  /** Repository and commit, or the address: for the manifest. */
  readonly source: string;
  readonly commit: string | null;
  readonly bytes: number;
  readonly digest: Digest;
}

/** How far a file has come. */
export interface Progress {
  readonly file: PlannedFile;
  readonly there: readonly Interval[];
  /** Of the verified file; null until then. */
  readonly sha256: string | null;
}

/** Repositories that have to be listed before there can be a plan. */
export const repositoriesOf = (model: CatalogueModel): string[] => [
  ...new Set([model.repository, model.tokenizer?.repository ?? null].filter((name) => name !== null)),
];

/**
 * The files of `model`, small ones first: so a refusal comes before the long wait. Throws `download-refused` when the
 * repository lacks one, `download-corrupt` when it is not the one that the catalogue names.
 */
export function planDownload(
  model: CatalogueModel,
  listings: ReadonlyMap<string, Listing>,
  hub: string,
): PlannedFile[] {
  const planned = model.files.flatMap(({ path, bytes, sha256 }) => {
    if (path.includes('://')) {
      const name = new URL(path).pathname.split('/').at(-1) as string;
      const digest = { kind: 'sha256', hex: sha256 as string } as const;
      return [{ path: name, address: path, source: path, commit: null, bytes: bytes as number, digest }];
    }
    const files = filesNamed(model.repository as string, path);
    for (const file of files) mustBeTheSame(file, bytes, sha256);
    return files;
  });
  const tokenizer = model.tokenizer;
  const more = tokenizer?.files.flatMap((path) => filesNamed(tokenizer.repository, path)) ?? [];
  return [...planned, ...more].toSorted((a, b) => a.bytes - b.bytes);

  function filesNamed(repository: string, pattern: string): PlannedFile[] {
    const listing = listings.get(repository) as Listing;
    const found = listing.files.filter(({ path }) => matches(pattern, path));
    if (found.length === 0) throw missing(repository, pattern);
    return found.map(({ path, bytes, digest }) => ({
      path,
      address: fileAddress(hub, repository, listing.commit, path),
      source: repository,
      commit: listing.commit,
      bytes,
      digest,
    }));
  }
}

/** One `*` stands for letters, digits, dots, dashes and underscores: never for a folder, nor for a hidden file. */
function matches(pattern: string, path: string): boolean {
  const [before = '', after] = pattern.split('*');
  if (after === undefined) return path === pattern;
  const middle = path.slice(before.length, path.length - after.length);
  return path === before + middle + after && /^\w[\w.-]*$/.test(middle);
}

function mustBeTheSame({ path, bytes, digest }: RemoteFile, known: number | null, sha256: string | null) {
  const same = (known === null || known === bytes) && (sha256 === null || sha256 === digest.hex);
  if (same) return;
  throw new AppError(
    'download-corrupt',
    `${path} on the hub is not the file that this version of Llamba knows.`,
    'Nothing was fetched. A newer version of Llamba may know it.',
  );
}

const missing = (repository: string, path: string) =>
  new AppError(
    'download-refused',
    `${repository} has no ${path}.`,
    'It may have been renamed or withdrawn: a newer version of Llamba may know more.',
  );

/** What of `before` is of use for `plan`: the same files keep their bytes; others have `changed`, or are `gone`. */
export function reconcile(
  plan: readonly PlannedFile[],
  before: readonly Progress[],
): { progress: Progress[]; changed: string[]; gone: string[] } {
  const changed: string[] = [];
  const progress = plan.map((file) => {
    const earlier = before.find((one) => one.file.path === file.path);
    if (!earlier) return { file, there: [], sha256: null };
    if (earlier.file.digest.hex === file.digest.hex && earlier.file.bytes === file.bytes) {
      return { ...earlier, file };
    }
    changed.push(file.path);
    return { file, there: [], sha256: null };
  });
  const gone = before.map(({ file }) => file.path).filter((path) => plan.every((one) => one.path !== path));
  return { progress, changed, gone };
}
