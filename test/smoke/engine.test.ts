/** A reply through the real Electron: frames from the page to the engine process and back, and that process's death. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EngineStatus, ReplyItem, Session } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { type Started, startApp } from './app.ts';

let started: Started;

beforeAll(async () => {
  started = await startApp();
});

afterAll(async () => {
  await started?.app.close();
});

/** Begins to listen in the page; the function it gives resolves once the engine is, or has been since, in `phase`. */
async function watch(phase: EngineStatus['phase']): Promise<() => Promise<void>> {
  await started.page.evaluate((wanted) => {
    const page = window as unknown as { rpc: Client; reached: Promise<void> };
    page.reached = new Promise<void>((resolve, reject) => {
      const look = (status: EngineStatus) => {
        if (status.phase === wanted) resolve();
        if (status.phase === 'failed' && wanted !== 'failed') reject(new Error(status.error.message));
      };
      page.rpc.on('engine.status', look);
      page.rpc.call('engine.status', {}).then(look, reject);
    });
  }, phase);
  return () => started.page.evaluate(() => (window as unknown as { reached: Promise<void> }).reached);
}
const reached = async (phase: EngineStatus['phase']) => (await watch(phase))();

/** In the page: a short greedy reply in a new conversation. */
const reply = () =>
  started.page.evaluate(async () => {
    const { rpc } = window as unknown as { rpc: Client };
    const { id: session } = await rpc.call('sessions.create', { system: null });
    const texts: string[] = [];
    const sampling = { temperature: 0, maxTokens: 24 };
    const onItem = (item: ReplyItem) => {
      if (item.type === 'text') texts.push(item.text);
    };
    const result: Session = await rpc.stream('sessions.send', { session, text: 'Hello!', sampling }, onItem);
    // Chromium 83 has no Array.at.
    return { texts, last: result.turns[result.turns.length - 1] };
  });

/** Engine processes among the app's descendants. */
function enginePids(): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const all = stdout.split('\n').map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []);
  const found: number[] = [];
  const visit = (parent: string) => {
    for (const [, pid = '', ppid, args = ''] of all) {
      if (ppid !== parent) continue;
      if (/engine\/host\.ts|node\.mojom\.NodeService/.test(args)) found.push(Number(pid));
      visit(pid);
    }
  };
  visit(String(started.app.process().pid));
  return found;
}

test('a reply streams from the engine process to the page', async () => {
  await reached('ready');
  const { texts, last } = await reply();
  expect(texts.length).toBeGreaterThan(1);
  expect(last).toMatchObject({ role: 'assistant', text: texts.join(''), error: null });
});

test('the engine dies, is started again, and answers as before', async () => {
  const before = await reply();
  const [engine, ...others] = enginePids();
  if (engine === undefined) throw new Error('the app has no engine process');
  expect(others).toEqual([]);
  const told = await watch('restarting');
  process.kill(engine, 'SIGABRT');
  await told();
  await reached('ready');
  expect(enginePids()).not.toContain(engine);
  expect((await reply()).texts.join('')).toBe(before.texts.join(''));
});

test('a reply is stopped when its page is reloaded, and the next page is served', async () => {
  await started.page.evaluate(() => {
    const { rpc } = window as unknown as { rpc: Client };
    return rpc.call('sessions.create', { system: null }).then(({ id }) => {
      const sampling = { temperature: 0, maxTokens: 100_000, stop: [] };
      return new Promise<void>((resolve) => {
        void rpc.stream('sessions.send', { session: id, text: 'Count for ever.', sampling }, () => resolve());
      });
    });
  });
  await started.page.reload();
  expect((await reply()).last).toMatchObject({ role: 'assistant', error: null });
});

test('quitting ends the engine process', async () => {
  const [engine = 0] = enginePids();
  expect(engine).toBeGreaterThan(0);
  await started.app.close();
  await expect.poll(() => isAlive(engine), { timeout: 10_000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
