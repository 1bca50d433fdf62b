/**
 * The bundled engine process, started as Electron 45 starts it: core in "main", `utilityProcess.fork` played by a double
 * on child_process (double-utility.mjs), the entry and the addon real.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Contract, EngineStatus } from '../../electron/shared/contract.ts';
import { client, portPair } from '../../electron/shared/rpc.ts';
import { buildShell } from '../../scripts/build-shell.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'llamba-shell-'));
const shim = join(root, 'test/contract/double-utility.mjs');
const forked: { child: ChildProcess; entry: string; args: string[]; options: unknown }[] = [];

vi.mock('electron', () => ({
  safeStorage: { isEncryptionAvailable: () => false },
  app: { getVersion: () => '0.0.1', getPath: (name: string) => join(folder, name) },
  utilityProcess: {
    fork(entry: string, args: string[], options: unknown) {
      const child = fork(shim, [entry, ...args], {
        serialization: 'advanced',
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      forked.push({ child, entry, args, options });
      const events = new EventEmitter();
      child.on('message', (message) => events.emit('message', message));
      child.on('exit', (code) => events.emit('exit', code));
      return Object.assign(events, {
        pid: child.pid,
        postMessage: (message: object) => child.connected && child.send(message),
        kill: () => child.kill(),
      });
    },
  },
}));
vi.mock('../../electron/shell/places.ts', () => ({
  places: {
    engine: join(folder, 'engine.mjs'),
    addon: join(root, 'native-mlx/build/llamba.node'),
    models: folder,
  },
}));

const { openCore } = await import('../../electron/shell/core-here.ts');
let core: Awaited<ReturnType<typeof openCore>>;

beforeAll(async () => {
  await buildShell(folder);
  core = await openCore();
});

afterAll(() => core?.close());

const page = () => {
  const [mine, theirs] = portPair();
  core.accept(theirs);
  return client<Contract>(mine);
};

test('core talks to the bundled engine through parentPort', async () => {
  const info = await page().call('app.info', {});
  expect(info).toMatchObject({
    host: 'electron',
    version: '0.0.1',
    device: { mlxVersion: expect.any(String) },
  });
  expect(forked).toHaveLength(1);
  expect(forked[0]).toMatchObject({
    entry: join(folder, 'engine.mjs'),
    options: { serviceName: 'Llamba engine' },
  });
});

test('its death is told, and another is started', async () => {
  const rpc = page();
  const seen: EngineStatus['phase'][] = [];
  rpc.on('engine.status', ({ phase }) => seen.push(phase));
  forked[0]?.child.kill('SIGABRT');
  await vi.waitFor(() => expect(seen).toContain('restarting'));
  await vi.waitFor(() => expect(forked).toHaveLength(2), { timeout: 10_000 });
  expect(await rpc.call('app.info', {})).toMatchObject({ host: 'electron' });
});

test('closing core ends it', async () => {
  const child = forked.at(-1)?.child;
  if (!child) throw new Error('no engine was started');
  const ended =
    child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
  await core.close();
  await ended;
});
