/** A run on a machine that heats up in the middle of it: an engine's double tells how warm it is. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runComparison } from '../../../electron/core/compare/run.ts';
import type { CompareItem } from '../../../electron/shared/compare.ts';
import type { EngineContract } from '../../../electron/shared/engine-contract.ts';
import { AppError } from '../../../electron/shared/errors.ts';
import type { Client } from '../../../electron/shared/rpc.ts';

const device = {
  name: 'M3',
  backend: 'metal',
  architecture: '',
  mlxVersion: '1',
  memoryBytes: 1,
  workingSetBytes: 1,
};
const bytes = {
  weightBytes: 1,
  stateBytes: 1,
  activeBytes: 1,
  cacheBytes: 0,
  peakBytes: 1,
  footprintBytes: 1,
};
const info = {
  architecture: 'llamba',
  format: 'llamba',
  vocabulary: 64,
  width: 1,
  blocks: 1,
  parameters: 1,
  bits: 4,
};

/** `said`: every piece of work and everything that the run tells, in order. */
function warming(thermalAfter: (worked: number) => string, memorySpeed: () => number = () => 8e9) {
  const said: string[] = [];
  let worked = 0;
  const work = (what: string) => {
    said.push(what);
    worked += 1;
  };
  const answers: Record<string, (params: { ids?: readonly number[] }) => unknown> = {
    device: () => device,
    memory: () => ({ ...bytes, thermal: thermalAfter(worked) }),
    memorySpeed: () => ({ bytesPerSecond: memorySpeed() }),
    load: () => ({ model: 1, info }),
    'state.create': () => ({ state: 1 }),
    'state.fork': () => ({ state: 2 }),
    feed: ({ ids }) => {
      work(`read ${ids?.length}`);
      return { ms: 1000 };
    },
    generate: () => {
      work('write');
      return { decodeMs: 1000 };
    },
  };
  const answer = async (name: string, params: object) => answers[name]?.(params) ?? {};
  const rpc = { call: answer, stream: answer } as unknown as Client<EngineContract>;
  const emit = (item: CompareItem) => {
    if (item.type === 'paused' || item.type === 'resumed') said.push(item.type);
    if (item.type === 'paused') expect(item.reason).toContain('too warm (serious)');
  };
  const path = mkdtempSync(join(tmpdir(), 'warm-'));
  const entries = [{ id: 'a', name: 'A', path, weightBytes: 1, embedded: false }];
  const request = { models: ['a'], contexts: [5000], batches: [], repeats: 1 };
  const { signal } = new AbortController();
  const run = () => runComparison({ rpc, entries, request, version: '1', emit, signal });
  return { said, run, cool: () => (thermalAfter = () => 'fair') };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

it('waits between two pieces of a long reading and between two writings, and says what the warmest was', async () => {
  const engine = warming((worked) => (worked === 1 || worked === 4 ? 'serious' : 'nominal'));
  const running = engine.run();
  await vi.waitFor(() => expect(engine.said).toEqual(['read 2048', 'paused']));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(engine.said).toEqual(['read 2048', 'paused']);
  engine.cool();
  await vi.advanceTimersByTimeAsync(1000);
  const { provenance, phase } = await running;
  expect(engine.said).toEqual(['read 2048', 'paused', 'resumed', 'read 2048', 'read 904', 'write', 'write']);
  expect(phase).toBe('done');
  expect(provenance.thermal).toBe('serious');
});

it('runs through on a machine that stays cool, with the rate of all pieces together', async () => {
  const engine = warming(() => 'fair');
  const { provenance, models } = await engine.run();
  expect(engine.said).not.toContain('paused');
  expect(provenance).toMatchObject({ thermal: 'fair', bandwidth: 8e9 });
  expect(models[0]?.contexts[0]?.prefill?.median).toBeCloseTo(5000 / 3);
});

it('goes without the limit where there is no room to measure the memory', async () => {
  const engine = warming(
    () => 'nominal',
    () => {
      throw new AppError('out-of-memory', 'No room.', '');
    },
  );
  expect((await engine.run()).provenance.bandwidth).toBeNull();
});
