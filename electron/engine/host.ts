/**
 * The engine process: nothing but the addon behind a port. Started by spawn.ts as `host ADDON PARKING_FOLDER`, as an
 * Electron utility process or a forked Node; it ends when its parent goes.
 */
import { rmSync } from 'node:fs';
import { type Addon, type Engine, loadAddon } from '../../native-mlx/addon.ts';
import type { EngineContract } from '../shared/engine-contract.ts';
import { AppError } from '../shared/errors.ts';
import { type Port, serve } from '../shared/rpc.ts';
import { engineCalls, engineMemory } from './calls.ts';
import { createHandles } from './handles.ts';
import { relieve } from './pressure.ts';

const memoryMs = 250;

interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

function parentPort(): Port {
  const utility = (process as unknown as { parentPort?: ParentPort }).parentPort;
  if (utility) {
    return {
      post: (frame) => utility.postMessage(frame),
      onFrame: (listener) => utility.on('message', ({ data }) => listener(data)),
      onClose: () => undefined, // the system ends a utility process with its parent
    };
  }
  return {
    post: (frame) => void process.send?.(frame, undefined, undefined, () => undefined), // one that fails: `disconnect` tells
    onFrame: (listener) => void process.on('message', listener),
    onClose: (listener) => void process.on('disconnect', listener),
  };
}

const [addonPath, parkingFolder] = process.argv.slice(2);
if (!parkingFolder) throw new Error('usage: host ADDON PARKING_FOLDER');
const port = parentPort();
const handles = createHandles(parkingFolder);
const native = open();
const { emit } = serve<EngineContract>(port, engineCalls(native.addon, native.engine, handles));

if (!native.failed) {
  const { addon, engine } = native;
  setInterval(() => emit('memory', engineMemory(addon, handles)), memoryMs);
  addon.onPressure((level) => {
    relieve(level, engine, handles).catch((error: Error) =>
      console.error(`Parking states failed: ${error.message}`),
    );
  });
}

/** Where the addon cannot be loaded the process stays, to give every call the reason. */
function open(): { addon: Addon; engine: Engine; failed: boolean } {
  try {
    const addon = loadAddon(addonPath);
    const threads = Number(process.env.LLAMBA_THREADS ?? 0);
    return { addon, engine: addon.createEngine(threads > 0 ? { threads } : {}), failed: false };
  } catch (error) {
    const [what] = (error as Error).message.split('\n');
    const reason = new AppError(
      'unsupported',
      `The engine's native part cannot be loaded: ${what}.`,
      'In a checkout npm run setup builds it. An installed app has to be installed again.',
    );
    const refuse = () => {
      throw reason;
    };
    const refusing = new Proxy({}, { get: () => refuse }) as unknown;
    return { addon: refusing as Addon, engine: refusing as Engine, failed: true };
  }
}

// Ctrl-C in a terminal reaches the whole process group; the parent decides when the engine ends.
process.on('SIGINT', () => undefined);
port.onClose(() => process.exit(0));
process.on('exit', () => rmSync(parkingFolder, { recursive: true, force: true }));
