/** The host under soak, in a process of its own so that nothing of its user counts. usage: fork('host.ts', [DATA]) */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createCore } from '../../electron/core/core.ts';
import { spawnEngine } from '../../electron/engine/spawn.ts';
import { modelFolders } from '../../electron/headless/local-core.ts';

const [data = ''] = process.argv.slice(2);
const core = createCore({
  host: 'cli',
  version: '0',
  data,
  models: modelFolders(),
  startEngine: () => spawnEngine(),
  loadAtStart: false,
});
await core.load(null);
core.accept({
  post: (frame) => void process.send?.(frame),
  onFrame: (listener) => void process.on('message', listener),
  onClose: (listener) => void process.on('disconnect', listener),
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
process.on('message', (message: { sample?: true }) => {
  if (!message.sample) return;
  collectGarbage(); // what that frees is no growth
  process.send?.({ footprint: process.memoryUsage.rss() });
});
process.on('disconnect', () => core.close().then(() => process.exit(0)));
process.send?.({ ready: true });
