import { describe, expect, it } from 'vitest';
import { planDownload, reconcile, repositoriesOf } from '../../../electron/core/models/download-plan.ts';
import type { Listing, RemoteFile } from '../../../electron/core/models/hub.ts';
import { readRangeAnswer } from '../../../electron/core/models/range-answer.ts';
import type { CatalogueModel } from '../../../electron/shared/contract.ts';
import { tiny } from '../../contract/downloads/stage.ts';

const file = (path: string, bytes: number, hex = 'a'.repeat(64)): RemoteFile => ({
  path,
  bytes,
  digest: { kind: 'sha256', hex },
});
const listing = (...files: RemoteFile[]): Listing => ({ commit: 'c'.repeat(40), files });
const listings = (weights: Listing) =>
  new Map([
    ['someone/Tiny-Llamba', weights],
    ['someone/Tokens', listing(file('tokenizer.json', 5))],
  ]);
const plan = (weights: Listing, model: CatalogueModel = tiny) =>
  planDownload(model, listings(weights), 'https://hub.example');

describe('the plan of a download', () => {
  it('takes the shards there are and the tokenizer, small files first, each of its commit', () => {
    expect(repositoriesOf(tiny)).toEqual(['someone/Tiny-Llamba', 'someone/Tokens']);
    const planned = plan(
      listing(
        file('b.safetensors', 70),
        file('a b.safetensors', 9),
        file('model-1.safetensors', 60),
        file('x/deep.safetensors', 1),
        file('.hidden.safetensors', 1),
      ),
    );
    expect(planned.map(({ path }) => path)).toEqual([
      'tokenizer.json',
      'model-1.safetensors',
      'b.safetensors',
    ]);
    expect(planned[1]?.address).toBe(
      `https://hub.example/someone/Tiny-Llamba/resolve/${'c'.repeat(40)}/model-1.safetensors`,
    );
  });
  it('takes a file with an address as it is', () => {
    const files = [{ path: 'https://files.example/a/b/c.whl', bytes: 9, sha256: 'b'.repeat(64) }];
    const model = { ...tiny, repository: null, tokenizer: null, files };
    expect(repositoriesOf(model)).toEqual([]);
    expect(planDownload(model, new Map(), 'https://hub.example')).toEqual([
      {
        ...{ path: 'c.whl', address: files[0]?.path, source: files[0]?.path, commit: null, bytes: 9 },
        digest: { kind: 'sha256', hex: 'b'.repeat(64) },
      },
    ]);
  });
  it('refuses what is missing, and what the catalogue knows otherwise', () => {
    expect(() => plan(listing())).toThrowError(expect.objectContaining({ code: 'download-refused' }));
    const known = (bytes: number | null, sha256: string | null) => ({
      ...tiny,
      files: [{ path: 'w.safetensors', bytes, sha256 }],
    });
    const there = listing(file('w.safetensors', 70));
    expect(plan(there, known(70, 'a'.repeat(64)))).toHaveLength(2);
    for (const model of [known(71, null), known(null, 'b'.repeat(64))]) {
      expect(() => plan(there, model)).toThrowError(expect.objectContaining({ code: 'download-corrupt' }));
    }
  });
});

describe('an earlier attempt', () => {
  it('counts for the same files, whatever their commit', () => {
    const before = plan(
      listing(file('a.safetensors', 70), file('b.safetensors', 80), file('c.safetensors', 90)),
    );
    const progress = before.map((one) => ({ file: one, there: [[0, 5] as const], sha256: null }));
    const now = plan({
      commit: 'd'.repeat(40),
      files: [file('a.safetensors', 70), file('b.safetensors', 80, 'e'.repeat(64))],
    });
    const result = reconcile(now, progress);
    expect(result.changed).toEqual(['b.safetensors']);
    expect(result.gone).toEqual(['c.safetensors']);
    expect(
      result.progress.map(({ file: { path, commit }, there }) => [path, commit?.[0], there.length]),
    ).toEqual([
      ['tokenizer.json', 'c', 1],
      ['a.safetensors', 'd', 1],
      ['b.safetensors', 'd', 0],
    ]);
  });
});

describe('an answer to a range', () => {
  const digest = 'a'.repeat(64);
  const asked = { path: 'x', at: 50, bytes: 100, digest, etag: '"one"' };
  const read = (
    status: number,
    headers: Record<string, string>,
    via: Record<string, string>[] = [],
    more = {},
  ) => readRangeAnswer({ status, headers, via, host: 'a.example' }, { ...asked, ...more });
  const range = (from: number, total: number | string) => ({
    'content-range': `bytes ${from}-99/${total}`,
    etag: '"one"',
  });

  it('is the bytes that were asked for', () => {
    expect(read(206, range(50, 100))).toEqual({ kind: 'bytes', from: 50, whole: false, etag: '"one"' });
    expect(read(206, range(50, '*'))).toMatchObject({ kind: 'bytes', from: 50 });
    expect(read(206, range(40, 100))).toMatchObject({ kind: 'bytes', from: 40 });
    expect(read(200, { 'content-length': '100', etag: '"one"' })).toMatchObject({ from: 0, whole: true });
    expect(read(200, { etag: '"one"' })).toMatchObject({ from: 0, whole: true });
  });
  it('is not them when they begin later, or nobody says where', () => {
    expect(read(206, range(51, 100))).toMatchObject({ kind: 'failed' });
    expect(read(206, { etag: '"one"' })).toMatchObject({ kind: 'failed' });
  });
  it('is another file by its size, its tag, or what the hub says', () => {
    expect(read(206, range(50, 101))).toEqual({ kind: 'changed' });
    expect(read(200, { 'content-length': '99', etag: '"one"' })).toEqual({ kind: 'changed' });
    expect(read(206, { ...range(50, 100), etag: '"two"' })).toEqual({ kind: 'changed' });
    expect(read(206, { ...range(50, 100), etag: 'W/"one"' })).toEqual({ kind: 'changed' });
    expect(read(206, range(50, 100), [{ 'x-linked-etag': `"${'b'.repeat(64)}"` }])).toEqual({
      kind: 'changed',
    });
    expect([read(412, {}), read(416, {})]).toEqual([{ kind: 'changed' }, { kind: 'changed' }]);
  });
  it('may have another tag where the hub vouches for it: mirrors name files as they like', () => {
    const vouched = [{ 'x-linked-etag': `"${digest}"` }];
    expect(read(206, { ...range(50, 100), etag: '"two"' }, vouched)).toMatchObject({
      kind: 'bytes',
      etag: '"two"',
    });
    expect(read(206, { 'content-range': 'bytes 50-99/100' }, vouched)).toMatchObject({ etag: null });
  });
});
