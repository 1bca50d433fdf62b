import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { errorCodes } from '../../electron/shared/errors.ts';
import { addon, distance, engineForTests, failure, generate, reading, request, someIds } from './addon.ts';
import { golden } from './golden.ts';

const folder = mkdtempSync(join(tmpdir(), 'llamba-states-'));
afterAll(() => rmSync(folder, { recursive: true }));
const engine = engineForTests();

describe.each(['llamba/q4g64-untied', 'llama/q4g64-tied'])('states of %s', (name) => {
  const path = golden(name).model;
  const loaded = engine.load(path).done;

  it('go their own way after a fork', async () => {
    const model = await loaded;
    const [begin, left, right] = [someIds(40, 256, 1), someIds(30, 256, 2), someIds(50, 256, 3)];
    const alone = async (ids: number[][]) => {
      const state = await model.createState();
      for (const part of ids) await state.feed(part).done;
      return reading(state, model);
    };
    const a = await model.createState();
    await a.feed(begin).done;
    const atFork = await reading(a, model);
    const b = await a.fork();
    const c = await b.fork();
    await a.feed(left).done;
    await b.feed(right).done;
    expect(await reading(a, model)).toEqual(await alone([begin, left]));
    expect(await reading(b, model)).toEqual(await alone([begin, right]));
    expect(await reading(c, model)).toEqual(atFork);
    await a.free();
    expect(await reading(c, model)).toEqual(atFork);
    expect((await b.info()).tokens).toBe(90);
    expect((await failure(() => a.info())).code).toBe('state-not-found');
    await Promise.all([b.free(), c.free()]);
  });

  it('come back from a file as they were, in another engine too', async () => {
    const model = await loaded;
    const state = await model.createState();
    await state.feed(someIds(150, 256)).done;
    const file = join(folder, `${model.info.architecture}.safetensors`);
    const saved = await state.save(file, 'a note: ä 🦙');
    expect(saved).toEqual(await state.info());
    expect(readdirSync(folder).filter((f) => f.startsWith(model.info.architecture))).toEqual([
      `${model.info.architecture}.safetensors`,
    ]);
    const before = await reading(state, model);
    const uninterrupted = await generate(state, request([5, 6]));

    const other = addon.createEngine({ device: 'cpu' });
    for (const target of [model, await other.load(path).done]) {
      const { state: resumed, note } = await target.loadState(file);
      expect(note).toBe('a note: ä 🦙');
      expect((await resumed.info()).tokens).toBe(saved.tokens);
      // A Transformer's cache is kept with room to grow, but saved without.
      expect((await resumed.info()).bytes).toBeLessThanOrEqual(saved.bytes);
      expect(await reading(resumed, target)).toEqual(before);
      expect((await generate(resumed, request([5, 6]))).tokens).toEqual(uninterrupted.tokens);
    }
    await other.close();
    // Saved again over the old file, which must be replaced whole.
    await state.save(file, '');
    const again = await model.loadState(file);
    expect(await reading(again.state, model)).toEqual(await reading(state, model));
    await Promise.all([state.free(), again.state.free()]);
  });

  it('cannot be saved where there is no folder, and go on', async () => {
    const model = await loaded;
    const state = await model.createState();
    await state.feed([1, 2, 3]).done;
    const before = await reading(state, model);
    const error = await failure(() => state.save(join(folder, 'absent/x.safetensors'), ''));
    expect(errorCodes).toContain(error.code);
    expect(error.code).not.toBe('internal');
    expect(error.hint).not.toBe('');
    expect(await reading(state, model)).toEqual(before);
    await state.free();
  });

  it('say how large they are', async () => {
    const model = await loaded;
    const state = await model.createState();
    const { bytes } = await state.feed(someIds(10, 256)).done;
    const more = await state.feed(someIds(500, 256)).done;
    expect(more.tokens).toBe(510);
    if (model.info.stateBytesPerToken === 0) {
      expect(more.bytes).toBe(bytes);
      // Once fed, it also keeps the last token's hidden row.
      expect(bytes - model.info.stateBytes).toBe(4 * model.info.width);
    } else {
      expect(more.bytes).toBeGreaterThanOrEqual(510 * model.info.stateBytesPerToken);
    }
    await state.free();
  });

  it('give the same in pieces as in one go', async () => {
    const model = await loaded;
    const ids = someIds(260, 256, 9);
    const whole = await model.createState();
    await whole.feed(ids).done;
    const pieces = await model.createState();
    for (let at = 0, n = 1; at < ids.length; at += n, n = (n * 5) % 67) {
      await pieces.feed(ids.slice(at, at + n)).done;
    }
    expect((await pieces.info()).tokens).toBe(260);
    expect(distance(await reading(pieces, model), await reading(whole, model))).toBeLessThan(2e-4);
    await Promise.all([whole.free(), pieces.free()]);
  });
});
