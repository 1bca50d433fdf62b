/** A repository on the hub: its commit, and the size and checksum of each of its files. */
import * as v from 'valibot';
import type { Network } from '../network/network.ts';
import { readJson } from '../network/read-json.ts';
import type { Digest } from './digests.ts';

export interface RemoteFile {
  readonly path: string;
  readonly bytes: number;
  readonly digest: Digest;
}

export interface Listing {
  readonly commit: string;
  readonly files: readonly RemoteFile[];
}

const hex = (length: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${length}}$`)));
const size = v.pipe(v.number(), v.integer(), v.minValue(0));
const revision = v.object({ sha: hex(40) });
const tree = v.array(
  v.object({
    type: v.string(),
    path: v.string(),
    oid: v.string(),
    size,
    // Of large files: then `oid` is that of a pointer, and the content's SHA-256 is here.
    lfs: v.optional(v.object({ oid: hex(64), size })),
  }),
);

/** Throws a NetworkError. */
export async function listRepository(
  network: Network,
  repository: string,
  purpose: string,
  signal: AbortSignal,
): Promise<Listing> {
  const base = `/api/models/${repository}`;
  const get = async <T>(path: string, schema: v.GenericSchema<unknown, T>) =>
    readJson(await network.get(network.hub + path, { purpose, signal }), path, schema);
  const { sha: commit } = await get(`${base}/revision/main`, revision);
  const entries = await get(`${base}/tree/${commit}?recursive=true`, tree);
  return {
    commit,
    files: entries.filter(({ type }) => type === 'file').map(remoteFile),
  };
}

function remoteFile({ path, oid, size, lfs }: v.InferOutput<typeof tree>[number]): RemoteFile {
  return lfs
    ? { path, bytes: lfs.size, digest: { kind: 'sha256', hex: lfs.oid } }
    : { path, bytes: size, digest: { kind: 'git', hex: oid } };
}

/** Where a file of a commit is. */
export const fileAddress = (hub: string, repository: string, commit: string, path: string): string =>
  `${hub}/${repository}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
