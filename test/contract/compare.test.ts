/** Comparing through the contract, with the real engine: tiny models, of which the second is a Transformer. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import type { CompareItem, CompareRequest, Contract, SideItem } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { dataFolder, listener } from './real-core.ts';
import { folder, seeded, tinyCore } from './tiny-core.ts';
import { writeTokenizer } from './tiny-models.ts';

const llama = fileURLToPath(new URL('../fixtures/llama/q4g64-tied/model/', import.meta.url));
mkdirSync(join(folder, 'twin'));
for (const name of readdirSync(llama)) copyFileSync(join(llama, name), join(folder, 'twin', name));
writeTokenizer(join(folder, 'twin'), 512);

let core: Core;
let rpc: Client<Contract>;
let data: string;
beforeEach(async () => {
  data = dataFolder();
  core = await tinyCore(data);
  rpc = core.connect();
});
afterEach(() => core.close());

const request: CompareRequest = {
  models: ['one', 'twin'],
  contexts: [512, 0, 128],
  batches: [1, 3],
  repeats: 2,
};
/** Does not end by itself. */
const endless: CompareRequest = { ...request, contexts: [0, 128, 1_000_000], batches: [] };

async function run(
  asked = request,
  onItem: (item: CompareItem) => void = () => undefined,
  signal?: AbortSignal,
) {
  const items: CompareItem[] = [];
  const hear = (item: CompareItem) => {
    items.push(item);
    onItem(item);
  };
  const done = await rpc.stream('compare.run', asked, hear, signal);
  return { done, items };
}

/** A session with a message, so that there is something to reply to. */
async function asked() {
  const { id } = await rpc.call('sessions.create', { system: null });
  const { turns } = await rpc.stream(
    'sessions.send',
    { session: id, text: 'Hi', sampling: seeded },
    () => undefined,
  );
  return { session: id, turn: turns[0]?.id ?? '' };
}

describe('a comparison', () => {
  it('has points of both models at every context and batch, and is told while it goes on', async () => {
    const { done, items } = await run();
    expect(done).toMatchObject({ phase: 'done', error: null, request });
    expect(done.models.map(({ model }) => [model.id, model.architecture])).toEqual([
      ['one', 'llamba'],
      ['twin', 'llama'],
    ]);
    for (const { model, contexts, batches, ended } of done.models) {
      expect(ended).toBeNull();
      expect(contexts.map(({ context }) => context)).toEqual([0, 128, 512]);
      expect(batches.map(({ batch }) => batch)).toEqual([1, 3]);
      for (const { decode, memory } of [...contexts, ...batches]) {
        expect(decode.repeats).toBe(2);
        expect(decode.least).toBeGreaterThan(0);
        expect(decode.median).toBeGreaterThanOrEqual(decode.least);
        expect(decode.most).toBeGreaterThanOrEqual(decode.median);
        expect(memory.weightBytes).toBe(model.weightBytes); // nothing else is loaded
        expect(memory.activeBytes).toBeGreaterThanOrEqual(memory.weightBytes);
      }
      expect(contexts.map(({ prefill }) => prefill === null)).toEqual([true, false, false]);
      const told = items.filter((item) => item.type === 'context' && item.model === model.id);
      expect(told).toMatchObject(contexts.map((point) => ({ point })));
    }
    expect(done.provenance).toMatchObject({ backend: expect.any(String), appVersion: '0' });
    const shares = items.flatMap((item) => (item.type === 'progress' ? [item.done] : []));
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBeGreaterThan(0.9);
  });
  it('shows a state of one size, and a cache that grows', async () => {
    const { done } = await run();
    const [ours, twin] = done.models.map(({ contexts }) => contexts);
    const stateAndActive = ours?.slice(1).map(({ memory }) => [memory.stateBytes, memory.activeBytes]);
    expect(stateAndActive?.[1]).toEqual(stateAndActive?.[0]);
    const growth = done.models[1]?.model.stateBytesPerToken ?? 0;
    expect(growth).toBeGreaterThan(0);
    // The cache is made in pieces of 256 tokens.
    const cache = twin?.map(({ memory }) => memory.stateBytes) ?? [];
    expect((cache[2] ?? 0) - (cache[1] ?? 0)).toBe(256 * growth);
    expect(done.models.map(({ batches }) => (batches[1]?.memory.stateBytes ?? 0) > 0)).toEqual([true, true]);
  });
  it('is kept, latest first, for the next start too, until it is removed', async () => {
    const short = { ...request, contexts: [0], batches: [], repeats: 1 };
    const first = await run(short);
    const second = await run({ ...short, models: ['one'] });
    expect(await rpc.call('compare.runs', {})).toEqual([second.done, first.done]);
    await core.ready();
    await core.close();
    core = await tinyCore(data);
    rpc = core.connect();
    expect(await rpc.call('compare.runs', {})).toEqual([second.done, first.done]);
    await rpc.call('compare.remove', { run: first.done.id });
    expect(await rpc.call('compare.runs', {})).toEqual([second.done]);
    for (const gone of [first.done.id, '../llamba']) {
      await expect(rpc.call('compare.remove', { run: gone })).rejects.toMatchObject({ code: 'bad-request' });
    }
  });
  it('names a run that cannot be read', async () => {
    const { done } = await run({ ...request, contexts: [0], batches: [], repeats: 1 });
    const file = join(data, 'compare', `${done.id}.json`);
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 100));
    await expect(rpc.call('compare.runs', {})).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringContaining(done.id),
    });
  });
});

describe('nothing else runs meanwhile', () => {
  it('is refused while a reply is written', async () => {
    await rpc.call('models.load', { id: 'endless' });
    const { id } = await rpc.call('sessions.create', { system: null });
    const stop = new AbortController();
    const heard = listener();
    const sampling = { ...seeded, maxTokens: 10_000_000 };
    const began = Promise.withResolvers<void>();
    const writing = rpc.stream(
      'sessions.send',
      { session: id, text: 'Hi', sampling },
      (item) => {
        heard.on(item);
        if (item.type === 'text') began.resolve();
      },
      stop.signal,
    );
    await began.promise;
    await expect(run()).rejects.toMatchObject({ code: 'busy', hint: expect.stringMatching(/stop/) });
    stop.abort();
    await writing;
    expect((await run({ ...request, contexts: [0], batches: [] })).done.phase).toBe('done');
  });
  it('refuses replies, loads and other comparisons, keeps the run so far when cancelled, and gives the model back', async () => {
    const { session, turn } = await asked();
    const stop = new AbortController();
    const refusals: Promise<unknown>[] = [];
    let stoppedAt = 0;
    const { done } = await run(
      endless,
      (item) => {
        if (item.type !== 'context' || item.point.context !== 128 || refusals.length > 0) return;
        const refused = { code: 'busy', hint: expect.stringMatching(/stop/) };
        refusals.push(
          expect(rpc.call('models.load', { id: 'two' })).rejects.toMatchObject(refused),
          expect(rpc.stream('turns.reply', { session, turn }, () => undefined)).rejects.toMatchObject(
            refused,
          ),
          expect(rpc.stream('compare.run', request, () => undefined)).rejects.toMatchObject(refused),
          expect(
            rpc.stream('compare.side', { models: ['one'], prompt: 'Hi', maxTokens: 1 }, () => undefined),
          ).rejects.toMatchObject(refused),
        );
        void Promise.all(refusals).then(() => {
          stoppedAt = performance.now();
          stop.abort();
        });
      },
      stop.signal,
    );
    expect(performance.now() - stoppedAt).toBeLessThan(1000);
    await Promise.all(refusals);
    expect(done).toMatchObject({ phase: 'cancelled', error: null });
    expect(done.models).toHaveLength(1);
    expect(done.models[0]?.contexts.map(({ context }) => context)).toEqual([0, 128]);
    expect(await rpc.call('compare.runs', {})).toEqual([done]);
    const after = await rpc.stream('turns.reply', { session, turn, sampling: seeded }, () => undefined);
    expect(after.turns.at(-1)?.stats?.generatedTokens).toBeGreaterThan(0);
    expect(await rpc.call('engine.status', {})).toMatchObject({ phase: 'ready', model: { id: 'one' } });
    // Only the chat's model and its states are left in the engine.
    const { weightBytes } = await (await core.ready()).rpc.call('memory', {});
    expect(weightBytes).toBe((await core.ready()).loaded.weightBytes);
  });
  it('tells of an engine that died, keeps what there was, and the model comes back', async () => {
    const { session, turn } = await asked();
    const { done } = await run(endless, (item) => {
      if (item.type === 'context' && item.point.context === 128) process.kill(core.enginePid ?? 0, 'SIGKILL');
    });
    expect(done).toMatchObject({ phase: 'failed', error: { code: 'engine-gone' } });
    expect(done.models[0]?.contexts.map(({ context }) => context)).toEqual([0, 128]);
    expect(await rpc.call('compare.runs', {})).toEqual([done]);
    const after = await rpc.stream('turns.reply', { session, turn, sampling: seeded }, () => undefined);
    expect(after.turns.at(-1)?.error).toBeNull();
    expect(await rpc.call('engine.status', {})).toMatchObject({ phase: 'ready', model: { id: 'one' } });
  });
  it('ends with the app', async () => {
    const running = run(endless, (item) => {
      if (item.type === 'context' && item.point.context === 128) void core.close();
    });
    expect((await running).done.phase).toBe('cancelled');
    expect(existsSync(join(data, 'compare'))).toBe(true);
    expect(readdirSync(join(data, 'compare'))).toHaveLength(1);
  });
});

describe('side by side', () => {
  it('both models answer one prompt, with their counters', async () => {
    const items: SideItem[] = [];
    const results = await rpc.stream(
      'compare.side',
      { models: ['one', 'twin'], prompt: 'Tell me of rain.', maxTokens: 12 },
      (item) => items.push(item),
    );
    expect(results.map(({ model }) => model)).toEqual(['one', 'twin']);
    for (const { model, text, tokens, promptTokens, ttftMs, stateBytes } of results) {
      const own = items.filter((item) => item.model === model);
      expect(own.map((item) => (item.type === 'text' ? item.text : '')).join('')).toBe(text);
      expect(promptTokens).toBeGreaterThan(10);
      expect(tokens).toBeLessThanOrEqual(12);
      expect(ttftMs).toBeGreaterThan(0);
      expect(stateBytes).toBeGreaterThan(0);
    }
    expect(await core.ready()).toMatchObject({ entry: { id: 'one' } });
  });
});

describe('pairs', () => {
  it('are the Llambas on this disk with their twins, there or not', async () => {
    expect(await rpc.call('compare.pairs', {})).toEqual([]);
    for (const id of ['llamba-135m', 'llamba-1b', 'llama-3.2-1b-instruct']) {
      mkdirSync(join(folder, id));
      copyFileSync(join(folder, 'one/model.safetensors'), join(folder, id, 'model.safetensors'));
    }
    expect(await rpc.call('compare.pairs', {})).toEqual([
      {
        llamba: { id: 'llamba-135m', name: 'Llamba-135M' },
        twin: {
          id: 'smollm2-135m-instruct',
          name: 'SmolLM2-135M-Instruct',
          installed: false,
          embedded: true,
        },
      },
      {
        llamba: { id: 'llamba-1b', name: 'Llamba-1B' },
        twin: {
          id: 'llama-3.2-1b-instruct',
          name: expect.any(String),
          installed: true,
          embedded: false,
        },
      },
    ]);
  });
});
