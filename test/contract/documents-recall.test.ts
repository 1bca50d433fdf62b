import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import { probeLength } from '../../electron/core/documents/probe-length.ts';
import { recall } from '../../electron/core/documents/recall.ts';
import { stateNorm } from '../../electron/core/documents/state-norm.ts';
import type { Ready } from '../../electron/core/loaded-model.ts';
import { toErrorValue } from '../../electron/shared/errors.ts';
import { json, llamba } from './llamba.ts';
import { folder, tinyCore } from './tiny-core.ts';

let core: Core;
let ready: Ready;
beforeAll(async () => {
  core = await tinyCore(null);
  ready = await core.ready();
});
afterAll(() => core.close());
const failure = (work: Promise<unknown>) => work.then(() => null, toErrorValue);

describe('recall', () => {
  it('has a point for each probe, way of reading and length, the same each time', async () => {
    const { stateCount } = await ready.rpc.call('memory', {});
    const seen: [number, number][] = [];
    const few = { lengths: [64, 3000], asked: 4 };
    const measured = await recall(ready, { ...few, onProgress: (...now) => seen.push(now) });
    expect(measured.points).toHaveLength(2 * 3 * 2);
    for (const { right, asked, length } of measured.points) {
      expect(asked).toBe(4);
      expect(right).toBeLessThanOrEqual(asked);
      expect(few.lengths).toContain(length);
    }
    expect(measured).toMatchObject({ model: ready.fingerprint, name: ready.loaded.name, backend: 'cpu' });
    expect(measured.sentence).toContain('words');
    expect(seen[0]?.[0]).toBe(0);
    expect(seen.at(-1)?.[0]).toBe(seen.at(-1)?.[1]);
    for (const [i, [done]] of seen.entries()) expect(done).toBeGreaterThanOrEqual(seen[i - 1]?.[0] ?? 0);
    expect((await recall(ready, few)).points).toEqual(measured.points);
    expect((await ready.rpc.call('memory', {})).stateCount).toBe(stateCount);
  });
  it('ends when it is cancelled, and keeps no state', async () => {
    const { stateCount } = await ready.rpc.call('memory', {});
    const stop = new AbortController();
    const measuring = recall(ready, {
      lengths: [64],
      signal: stop.signal,
      onProgress: (done) => done > 0 && stop.abort(),
    });
    expect(await failure(measuring)).toMatchObject({ code: 'cancelled' });
    expect((await ready.rpc.call('memory', {})).stateCount).toBe(stateCount);
  });
});

describe('the safe length', () => {
  it('is measured on the same words far into a text and near its beginning', async () => {
    const ids = Array.from({ length: 300 }, (_, i) => 10 + ((i * 31) % 200));
    const { points } = await probeLength(ready, ids, { window: 32 });
    expect(points.map(({ length }) => length)).toEqual([64, 128, 256]);
    // There the far text is no longer than the near one.
    expect(points[0]?.perplexity).toBe(points[0]?.near);
    for (const { perplexity } of points) expect(perplexity).toBeGreaterThan(1);
    // By hand, in one piece.
    const { state } = await ready.rpc.call('state.create', { model: ready.model });
    const { logprobs } = await ready.rpc.stream('score', { state, ids: ids.slice(0, 256), top: 0 }, () => {});
    const mean = logprobs.slice(224).reduce<number>((sum, value) => sum + (value ?? 0), 0) / 32;
    expect(points[2]?.perplexity).toBeCloseTo(Math.exp(-mean), 2);
    expect(points[2]?.norm).toBeGreaterThan(0);
    expect(points[2]?.norm).toBeCloseTo((await stateNorm(ready, state)) ?? 0, 4);
  });
  it('needs a text that is long enough', async () => {
    expect(await failure(probeLength(ready, [1, 2, 3]))).toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('3 tokens'),
    });
  });
});

describe('llamba probe', () => {
  const model = join(folder, 'one');
  it('prints what was measured, for programs and for people', async () => {
    const measured = await json(['probe', '--model', model, '--lengths', '64']);
    expect(Object.keys(measured).toSorted()).toEqual(
      ['model', 'name', 'at', 'device', 'backend', 'points', 'sentence'].toSorted(),
    );
    const { out, code } = await llamba(['probe', '--model', model, '--lengths', '64']);
    expect(code).toBe(0);
    expect(out).toContain(measured.sentence);
    expect(out).toMatch(/needle 64 +\d+ of 10 +\d+ of 10 +\d+ of 10/);
  });
  it('writes a safe length only when asked to, and keeps the rest of the configuration', async () => {
    const own = join(mkdtempSync(join(tmpdir(), 'llamba-probe-')), 'own');
    cpSync(model, own, { recursive: true });
    writeFileSync(join(own, 'config.json'), JSON.stringify({ name: 'Own', other: [1] }));
    const text = join(own, 'text.txt');
    writeFileSync(text, 'The sea is wide. '.repeat(140));
    const before = readFileSync(join(own, 'config.json'), 'utf8');
    const { points, safeLength, written } = await json(['probe', '--model', own, '--length', text]);
    expect(points).toHaveLength(1);
    expect([safeLength, written]).toEqual([2048, false]);
    expect(readFileSync(join(own, 'config.json'), 'utf8')).toBe(before);
    expect(await json(['probe', '--model', own, '--length', text, '--write'])).toMatchObject({
      written: true,
    });
    expect(JSON.parse(readFileSync(join(own, 'config.json'), 'utf8'))).toEqual({
      name: 'Own',
      other: [1],
      safe_length: 2048,
      length_probe: points,
    });
  });
  it.each([
    [['--write'], '--write needs --length'],
    [['--lengths', '12,x'], '64 or more'],
    [['--length', 'no such file'], 'cannot be read'],
  ])('refuses %j', async (args, message) => {
    const { code, err } = await llamba(['probe', '--model', model, ...args]);
    expect(code).toBe(1);
    expect(err).toContain(message);
  });
});
