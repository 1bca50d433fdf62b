/**
 * How fast a download goes over loopback, checksum and all. The hub is a process of its own: on two cores, one each.
 * usage: node test/bench/download.ts [MIB] [FOLDER]
 */
import { fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnections } from '../../electron/core/models/connections.ts';
import { downloadModel } from '../../electron/core/models/download.ts';
import { usualOptions } from '../../electron/core/models/fetch-model.ts';
import { createNetwork } from '../../electron/core/network/network.ts';
import { startHub } from '../contract/downloads/hub-server.ts';
import { noTools, repository, tiny, weights } from '../contract/downloads/stage.ts';
import { provenance, summary } from './measure.ts';

const mebibyte = 2 ** 20;

if (process.send) await serveHub(Number(process.argv[2]));
else await measure(Number(process.argv[2] ?? 1024), process.argv[3] ?? tmpdir());

async function serveHub(size: number): Promise<void> {
  const hub = await startHub();
  hub.put(repository, weights, randomBytes(size * mebibyte));
  hub.put('someone/Tokens', 'tokenizer.json', Buffer.from('{}'));
  process.send?.(hub.address);
  process.once('disconnect', () => process.exit());
}

async function measure(size: number, folder: string): Promise<void> {
  const hub = fork(new URL(import.meta.url).pathname, [String(size)]);
  const address = await new Promise<string>((resolve) =>
    hub.once('message', (text) => resolve(String(text))),
  );
  const rates: number[] = [];
  for (let run = 0; run < 5; run++) {
    const models = mkdtempSync(join(folder, 'llamba-bench-'));
    const network = createNetwork({ folder: models, env: {} });
    network.setHub(address);
    const begun = performance.now();
    await downloadModel(
      tiny,
      { ...usualOptions, network, connections: createConnections(8), models, tools: noTools },
      {
        signal: new AbortController().signal,
        onWord: console.log,
        onConverting: () => undefined,
        onTrouble: () => undefined,
        onProgress: () => undefined,
      },
    );
    const rate = megabytesPerSecond(size, performance.now() - begun);
    if (!existsSync(join(models, 'tiny', weights))) throw new Error('the model is not there');
    rates.push(rate);
    await network.close();
    rmSync(models, { recursive: true });
  }
  hub.disconnect();
  console.log(`${provenance()}\n${size} MiB to ${folder}: ${summary(rates, 'MB/s', 0)}`);
  const buffer = randomBytes(256 * mebibyte);
  const begun = performance.now();
  createHash('sha256').update(buffer).digest();
  console.log(`SHA-256 alone: ${megabytesPerSecond(256, performance.now() - begun).toFixed(0)} MB/s`);
}

function megabytesPerSecond(size: number, ms: number): number {
  return (size * mebibyte) / 1e6 / (ms / 1000);
}
