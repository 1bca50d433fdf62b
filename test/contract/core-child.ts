/** A core in a process of its own, with a model from the folder given, writing without end: to be killed. */
import { setTimeout } from 'node:timers/promises';
import { createCore } from '../../electron/core/core.ts';
import { spawnEngine } from '../../electron/engine/spawn.ts';
import { dataFolder } from './real-core.ts';

const [folder = '', parkingFolder = ''] = process.argv.slice(2);
const core = createCore({
  host: 'cli',
  version: '0',
  models: [{ path: folder, embedded: true }],
  data: dataFolder(),
  startEngine: () => spawnEngine({ parkingFolder }),
  loadAtStart: false,
});
await core.load(null);
const rpc = core.connect();
const session = (await rpc.call('sessions.create', { system: null })).id;
const other = (await rpc.call('sessions.create', { system: null })).id;
await rpc.stream('sessions.send', { session: other, text: 'Hi' }, () => undefined);
// A state that is just being kept is not parked.
while ((await rpc.call('storage.get', {})).checkpointCount < 2) await setTimeout(20);
await (await core.ready()).rpc.call('park', {});
await rpc.stream(
  'sessions.send',
  { session, text: 'Hi', sampling: { temperature: 1, maxTokens: 10_000_000 } },
  ({ type }) => type === 'text' && process.send?.(core.enginePid),
);
