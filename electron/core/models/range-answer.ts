/** What a host's answer to "bytes from N on" means. Pure. */
import type { IncomingHttpHeaders } from 'node:http';
import { type NetworkError, statusError } from '../network/failures.ts';
import type { Answer } from '../network/network.ts';

export type RangeAnswer =
  /** The body begins at `from`; the file goes by `etag` there (null: by nothing that can be relied on). */
  | { readonly kind: 'bytes'; readonly from: number; readonly whole: boolean; readonly etag: string | null }
  /** It is not the file that was begun. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'failed'; readonly error: NetworkError };

export interface Asked {
  readonly path: string;
  /** First byte that is wanted, and how many the file has. */
  readonly at: number;
  readonly bytes: number;
  /** Checksum that the hub gave, and what the file went by when it was begun. */
  readonly digest: string;
  readonly etag: string | null;
}

type Head = Pick<Answer, 'status' | 'headers' | 'via' | 'host'>;

/**
 * The hub sends `X-Linked-ETag`, the file's checksum, along with its redirect: where that is right, it is the same file,
 * whatever a mirror behind it calls it. Without it the ETag itself must stay the same.
 */
export function readRangeAnswer({ status, headers, via, host }: Head, asked: Asked): RangeAnswer {
  if (status === 412 || status === 416) return { kind: 'changed' };
  if (status !== 200 && status !== 206) {
    const after = headers['retry-after'];
    return { kind: 'failed', error: statusError(host, asked.path, status, after, Date.now()) };
  }
  const etag = strongTag(headers.etag);
  const linked = [...via, headers].map((one) => bare(one['x-linked-etag'])).find((tag) => tag !== null);
  if (linked !== undefined && linked !== asked.digest) return { kind: 'changed' };
  const vouched = linked === asked.digest;
  if (!vouched && asked.etag !== null && etag !== asked.etag) return { kind: 'changed' };

  const { from, bytes } = status === 206 ? contentRange(headers) : { from: 0, bytes: length(headers) };
  if (bytes !== null && bytes !== asked.bytes) return { kind: 'changed' };
  if (from === null || from > asked.at) {
    return { kind: 'failed', error: statusError(host, asked.path, 502, undefined, Date.now()) };
  }
  return { kind: 'bytes', from, whole: status === 200, etag };
}

/** `bytes 5-9/20`: RFC 9110, 14.4. */
function contentRange(headers: IncomingHttpHeaders): { from: number | null; bytes: number | null } {
  const found = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '');
  if (!found) return { from: null, bytes: null };
  return { from: Number(found[1]), bytes: found[2] === '*' ? null : Number(found[2]) };
}

const length = (headers: IncomingHttpHeaders): number | null =>
  headers['content-length'] === undefined ? null : Number(headers['content-length']);

/** A weak tag does not promise the same bytes. */
const strongTag = (etag: string | undefined): string | null =>
  etag !== undefined && /^".*"$/.test(etag) ? etag : null;

function bare(tag: string | string[] | undefined): string | null {
  return typeof tag === 'string' ? tag.replace(/^(W\/)?"|"$/g, '') : null;
}
