/** A network that misbehaves, one way at a time: the model is byte-identical in the end, or absent with the reason. */
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readManifest, verifyFolder } from '../../../electron/core/models/manifest.ts';
import type { Fault } from './hub-server.ts';
import { openStage, quick, randomBytes, repository, type Stage, tiny, weights } from './stage.ts';

const mebibyte = 2 ** 20;
const size = 5 * mebibyte + 12_345;
let stage: Stage;
const open = async (change = {}) => {
  stage = await openStage(size, change);
  return stage;
};
afterEach(() => stage.close());

/** For requests of the weights only. */
const onWeights = (fault: (n: number) => Fault | null) => {
  let n = 0;
  stage.hub.always(({ file }) => (file === weights ? fault(n++) : null));
};
const theModel = () => expect(stage.result()?.equals(stage.content)).toBe(true);
const refusal = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('a download', () => {
  it('fetches pieces at once, verifies them, and writes down what is there', async () => {
    await open();
    await stage.download();
    theModel();
    expect(readdirSync(stage.models)).toEqual(['tiny']);
    const manifest = await readManifest(join(stage.models, 'tiny'));
    expect(manifest?.files.map(({ path, source }) => [path, source])).toEqual([
      ['Tiny.safetensors', repository],
      ['tokenizer.json', 'someone/Tokens'],
    ]);
    await verifyFolder(join(stage.models, 'tiny'), manifest ?? { version: 1, files: [] });
    const asked = stage.hub.asked.filter(({ file }) => file === weights);
    expect(asked.length).toBeGreaterThanOrEqual(5);
    // Each is used again and again: lists, redirects and pieces are some twenty requests.
    expect(stage.context.network.state().requests).toBeGreaterThan(14);
    expect(stage.hub.connections).toBeLessThanOrEqual(6);
  });
  it('fetches no byte twice when connections break at any byte', async () => {
    await open();
    onWeights((n) => (n % 3 === 2 ? null : { kind: 'cut', after: 1 + ((n * 7919) % 200_000) }));
    let most = 0;
    await stage.download({ onBytes: (done) => (most = Math.max(most, done)) });
    theModel();
    expect(most).toBe(size + 7);
    const received = stage.context.network
      .page(Number.MAX_SAFE_INTEGER, 1000)
      .filter(({ path }) => path.startsWith('/cdn'));
    // Heads of answers are some 250 bytes; what a broken connection had in its buffers is lost.
    expect(received.reduce((sum, row) => sum + row.receivedBytes, 0)).toBeLessThan(
      size + received.length * (300 + 256 * 1024),
    );
  });
  it('goes on after answers that are shorter than what was asked for', async () => {
    await open();
    onWeights((n) => (n < 6 ? { kind: 'short', bytes: 1000 } : null));
    await stage.download();
    theModel();
  });
  it('connects again where nothing comes any more, or next to nothing', async () => {
    await open();
    onWeights((n) =>
      n === 0 ? { kind: 'stall', after: 70_000 } : n === 1 ? { kind: 'drip', bytes: 1 } : null,
    );
    await stage.download();
    theModel();
    const results = stage.context.network.page(Number.MAX_SAFE_INTEGER, 1000).map(({ result }) => result);
    expect(results.filter((result) => result === '206, stalled')).toHaveLength(2);
  });
  it('takes a slow connection for what it is', async () => {
    await open();
    onWeights((n) => (n < 4 ? { kind: 'drip', bytes: 40_000 } : null));
    await stage.download();
    theModel();
    expect(stage.hub.asked.filter(({ file }) => file === weights).length).toBeLessThan(20);
  });
  it('puts up with a host that knows no ranges', async () => {
    await open();
    onWeights((n) => (n === 5 ? { kind: 'cut', after: 2_000_000 } : { kind: 'whole' }));
    await stage.download();
    theModel();
  });
  it('waits as long as it is told to, and longer each time where it is told nothing', async () => {
    await open();
    const busy = { kind: 'status', status: 429, headers: { 'retry-after': '0' } } as const;
    onWeights((n) => [busy, { kind: 'status', status: 503 } as const, busy][n] ?? null);
    await stage.download();
    theModel();
  });
  it('honours Retry-After', async () => {
    await open({ patience: { ...quick.patience, longestMs: 400 } });
    onWeights((n) => (n === 0 ? { kind: 'status', status: 503, headers: { 'retry-after': '1' } } : null));
    const begun = performance.now();
    await stage.download();
    expect(performance.now() - begun).toBeGreaterThan(1000);
  });
  it('gives up in the end, and goes on from what is there when asked again', async () => {
    await open();
    onWeights((n) => (n < 3 ? null : { kind: 'status', status: 503 }));
    await expect(stage.download()).rejects.toEqual(refusal('network-failed', /503/));
    expect(stage.result()).toBeNull();
    const before = stage.hub.asked.length;
    stage.hub.always(null);
    await stage.download();
    theModel();
    const again = stage.hub.asked.slice(before).map(({ range }) => /=(\d+)-(\d+)/.exec(range ?? '') ?? []);
    expect(again.reduce((sum, [, from, to]) => sum + Number(to) + 1 - Number(from), 0)).toBeLessThan(
      size - 2 * mebibyte,
    );
  });
  it('begins again with a word when the file changes upstream in the middle of it', async () => {
    await open();
    const changed = randomBytes(size + 3, 99);
    onWeights((n) => {
      if (n === 2) stage.hub.put(repository, weights, changed);
      return null;
    });
    await stage.download();
    expect(stage.result()?.equals(changed)).toBe(true);
    expect(stage.words).toEqual([`${weights} changed upstream: begun again from its start.`]);
  });
  it('begins again with a word when the file has changed upstream since it was stopped', async () => {
    await open();
    onWeights((n) => (n < 3 ? null : { kind: 'status', status: 503 }));
    await expect(stage.download()).rejects.toThrow();
    const changed = randomBytes(size - 1000, 99);
    stage.hub.put(repository, weights, changed);
    stage.hub.always(null);
    await stage.download();
    expect(stage.result()?.equals(changed)).toBe(true);
    expect(stage.words).toEqual([`${weights} changed upstream: begun again from its start.`]);
  });
  it('takes 416 for a changed file', async () => {
    await open();
    onWeights((n) => (n === 0 ? { kind: 'status', status: 416 } : null));
    await stage.download();
    theModel();
    expect(stage.words).toContainEqual(expect.stringMatching(/changed upstream/));
  });
  it('fetches a file again that arrived damaged, once', async () => {
    await open();
    let wrong = true;
    onWeights((n) => (wrong && n < 20 ? { kind: 'wrong-byte', at: 3_000_000 } : null));
    const watch = (done: number) => {
      if (done === size + 7) wrong = false;
    };
    await stage.download({ onBytes: watch });
    theModel();
    expect(stage.words).toContainEqual(expect.stringMatching(/arrived damaged/));
  });
  it('refuses a file that is never the one that the hub names, and keeps nothing of it', async () => {
    await open();
    onWeights(() => ({ kind: 'wrong-byte', at: 3_000_000 }));
    await expect(stage.download()).rejects.toEqual(refusal('download-corrupt', /checksum/));
    expect(stage.result()).toBeNull();
    expect(existsSync(join(stage.models, '.partial-tiny/files', weights))).toBe(false);
  });
  it('refuses what is not the file that the catalogue names, before a byte of it', async () => {
    await open();
    const model = { ...tiny, files: [{ path: weights, bytes: size, sha256: 'a'.repeat(64) }] };
    await expect(stage.download({ model })).rejects.toEqual(refusal('download-corrupt', /not the file/));
    expect(stage.hub.asked).toEqual([]);
  });
  it.each([
    ['a circle of redirects', { kind: 'redirect', to: '/loop' }, /in a circle/],
    ['a way out of https', { kind: 'redirect', to: 'http://example.com/x' }, /no safe address/],
    ['a closed repository', { kind: 'status', status: 403 }, /does not give out/],
    ['a file that is gone', { kind: 'status', status: 404 }, /has no/],
  ] as const)('does not try %s again', async (_name, fault, message) => {
    await open();
    onWeights(() => fault);
    await expect(stage.download()).rejects.toEqual(refusal('download-refused', message));
    expect(stage.hub.asked.filter(({ file }) => file === weights).length).toBeLessThanOrEqual(4);
    expect(stage.result()).toBeNull();
  });
  it('does not go through a connection that only says it is safe', async () => {
    await open();
    onWeights(() => ({ kind: 'redirect', to: `${stage.hub.address.replace('http:', 'https:')}/x` }));
    await expect(stage.download()).rejects.toEqual(refusal('network-failed', /is not safe/));
    expect(stage.result()).toBeNull();
  });
  it('stops within a moment, keeps what is there, and goes on from it', async () => {
    await open();
    onWeights(() => ({ kind: 'drip', bytes: 10_000 }));
    const stop = new AbortController();
    const going = stage.download({
      signal: stop.signal,
      onBytes: (done) => done > 300_000 && stop.abort(new Error('paused')),
    });
    await expect(going).rejects.toThrow('paused');
    expect(stage.context.network.state().active).toBe(0);
    const note = JSON.parse(readFileSync(join(stage.models, '.partial-tiny/download.json'), 'utf8'));
    const kept = note.progress[1].there.reduce((sum: number, [a, b]: [number, number]) => sum + b - a, 0);
    expect(kept).toBeGreaterThan(290_000);
    stage.hub.always(null);
    let first = Number.POSITIVE_INFINITY;
    await stage.download({ onBytes: (done) => (first = Math.min(first, done)) });
    expect(first).toBeGreaterThan(kept);
    theModel();
  });
  it('does not trust a note about a file that was cut since', async () => {
    await open();
    onWeights((n) => (n < 3 ? null : { kind: 'status', status: 503 }));
    await expect(stage.download()).rejects.toThrow();
    truncateSync(join(stage.models, '.partial-tiny/files', weights), 10);
    stage.hub.always(null);
    await stage.download();
    theModel();
  });
  it('does not trust a note about a verified file that was taken away', async () => {
    await open();
    onWeights(() => ({ kind: 'status', status: 404 }));
    await expect(stage.download()).rejects.toThrow();
    // The tokenizer was verified.
    rmSync(join(stage.models, '.partial-tiny/files/tokenizer.json'));
    stage.hub.always(null);
    await stage.download();
    expect(readFileSync(join(stage.models, 'tiny/tokenizer.json'), 'utf8')).toBe('{"a":1}');
    theModel();
  });
  it('stays off the network once "Offline" is on, in the middle of it', async () => {
    await open();
    onWeights(() => ({ kind: 'drip', bytes: 10_000 }));
    const going = stage.download({
      onBytes: (done) => done > 200_000 && stage.context.network.setOffline(true),
    });
    await expect(going).rejects.toEqual(refusal('offline', /offline/));
    const before = stage.hub.asked.length;
    await expect(stage.download()).rejects.toEqual(refusal('offline', /offline/));
    expect(stage.hub.asked.length).toBe(before);
    expect(stage.result()).toBeNull();
  });
});
