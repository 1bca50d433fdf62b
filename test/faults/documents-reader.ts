/** An app that goes on by itself with what was being read, telling how far it is. usage: node documents-reader.ts DATA MODELS [FILE] */
import { createCore } from '../../electron/core/core.ts';
import { spawnEngine } from '../../electron/engine/spawn.ts';

const [data = '', models = '', file] = process.argv.slice(2);
const core = createCore({
  host: 'browser',
  version: '0',
  models: [{ path: models, embedded: true }],
  data,
  startEngine: () => spawnEngine(),
  loadAtStart: false,
});
const rpc = core.connect();
rpc.on('document.changed', ({ reading }) => void process.stdout.write(`${JSON.stringify(reading)}\n`));
await core.load('one');
if (file) {
  const { id } = await rpc.call('documents.add', { path: file });
  await rpc.call('documents.read', { document: id });
}
