import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { Memory } from '../../native-mlx/addon.ts';
import { engineForTests, generateAlone, request } from './addon.ts';
import { golden, idsOf } from './golden.ts';

const fixture = golden('llamba/q4g64-untied');
const child = (name: string) => fileURLToPath(new URL(`children/${name}.ts`, import.meta.url));

interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly errors: string;
}

function run(...args: string[]): Promise<End> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 50_000 });
    let [output, errors] = ['', ''];
    process_.stdout.on('data', (text) => (output += text));
    process_.stderr.on('data', (text) => (errors += text));
    process_.on('error', reject);
    process_.on('close', (code, signal) => resolve({ code, signal, output, errors }));
  });
}

const repetitions = [1, 2, 3, 4, 5];

describe('a process ends cleanly while the engine works:', () => {
  it.each([
    ['generate', 'exit'],
    ['generate-inside', 'exit'],
    ['feed', 'exit'],
    ['score', 'exit'],
    ['likelihoods', 'exit'],
    ['likelihoods', 'close'],
    ['likelihoods', 'cancel'],
    ['likelihoods', 'unload'],
    ['load', 'exit'],
    ['generate', 'close'],
    ['feed', 'close'],
    ['generate', 'cancel'],
    ['generate', 'unload'],
  ])('%s, %s', async (work, way) => {
    for (const _ of repetitions) {
      expect(await run(child('ends'), fixture.model, work, way)).toEqual({
        code: 0,
        signal: null,
        output: '',
        errors: '',
      });
    }
  });

  it('an uncaught exception is told and no more', async () => {
    const end = await run(child('ends'), fixture.model, 'generate', 'throw');
    expect(end).toMatchObject({ code: 1, signal: null });
    expect(end.errors).toContain('on purpose');
  });
});

describe('a worker ends cleanly while the engine works:', () => {
  it.each([
    ['generate', 'exit', 0],
    ['generate-inside', 'exit', 0],
    ['feed', 'exit', 0],
    ['generate', 'close', 0],
    ['generate', 'terminate', 1],
    ['feed', 'terminate', 1],
    ['generate', 'throw', 1],
  ])('%s, %s', async (work, way, wanted) => {
    for (const _ of repetitions) {
      const worker = new Worker(child('ends'), { workerData: [fixture.model, work, way] });
      worker.on('message', () => void worker.terminate());
      worker.on('error', (error) => expect((error as Error).message).toBe('on purpose'));
      expect(await new Promise((resolve) => worker.on('exit', resolve))).toBe(wanted);
    }
    // This thread's engine is another one.
    const model = await engine.load(fixture.model).done;
    const prompt = idsOf(fixture, 'short.input_ids') as number[];
    expect(await generateAlone(model, request(prompt))).toEqual(idsOf(fixture, 'greedy.tokens'));
    await model.unload();
  });
});

const engine = engineForTests();

it('a crash of an engine is its process’s alone', async () => {
  const end = await run(child('ends'), fixture.model, 'generate', 'abort');
  expect(end).toMatchObject({ code: null, signal: 'SIGABRT' });
  const model = await engine.load(fixture.model).done;
  expect(model.info.vocabulary).toBe(512);
  await model.unload();
});

it('1,000 lives of a state leave nothing behind', { timeout: 120_000 }, async () => {
  const { code, errors, output } = await run('--expose-gc', child('cycles'), fixture.model);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  const { before, after, forgotten } = JSON.parse(output) as Record<string, Memory>;
  expect(after?.activeBytes).toBe(before?.activeBytes);
  expect(forgotten?.activeBytes).toBe(before?.activeBytes);
  const grown = (after?.footprintBytes ?? Number.NaN) - (before?.footprintBytes ?? Number.NaN);
  expect(grown).toBeLessThan(20 * 2 ** 20);
});
