/** A process that fetches the tiny model, to be killed: HUB MODELS, both given as arguments. Says "started" and "done". */
import { createConnections } from '../../../electron/core/models/connections.ts';
import { downloadModel } from '../../../electron/core/models/download.ts';
import { createNetwork } from '../../../electron/core/network/network.ts';
import { noTools, quick, tiny } from './stage.ts';

const [hub = '', models = ''] = process.argv.slice(2);
const network = createNetwork({ folder: null, env: {} });
network.setHub(hub);
const context = { ...quick, network, connections: createConnections(8), models, tools: noTools };
process.stdout.write('started\n');
await downloadModel(tiny, context, {
  signal: new AbortController().signal,
  onWord: () => undefined,
  onConverting: () => undefined,
  onTrouble: () => undefined,
  onProgress: () => undefined,
});
process.stdout.write('done\n');
await network.close();
