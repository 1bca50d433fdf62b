/** What the download tests start from: a hub, a network, a models folder, a model of chosen size, and short patience. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnections } from '../../../electron/core/models/connections.ts';
import { type DownloadContext, downloadModel } from '../../../electron/core/models/download.ts';
import type { ModelTools } from '../../../electron/core/models/tools.ts';
import { createNetwork } from '../../../electron/core/network/network.ts';
import type { CatalogueModel } from '../../../electron/shared/contract.ts';
import { seeded } from '../../user/seeded.ts';
import { type Hub, startHub } from './hub-server.ts';

export function randomBytes(length: number, seed: number): Buffer {
  const { next } = seeded(seed);
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = next() * 256;
  return bytes;
}

export const repository = 'someone/Tiny-Llamba';
export const weights = 'Tiny.safetensors';

export const tiny: CatalogueModel = {
  ...{ id: 'tiny', name: 'Tiny', architecture: 'llamba', twin: null, about: 'For tests.', parameters: 1 },
  ...{ form: 'mlx', repository, tokenizer: { repository: 'someone/Tokens', files: ['tokenizer.json'] } },
  files: [{ path: '*.safetensors', bytes: null, sha256: null }],
  licences: { weights: 'none', tokenizer: 'none' },
  ...{ weightBytes: 1, stateBytes: 1, stateBytesPerToken: 0, largestTensorBytes: 1, trainedLength: 1 },
  ...{ limits: 'Does nothing.', scores: [] },
};

export const noTools: ModelTools = {
  recognise: () => Promise.reject(new Error('not here')),
  convert: () => Promise.reject(new Error('not here')),
  importModel: () => Promise.reject(new Error('not here')),
  discard: async () => undefined,
};

/** Short enough that a test which waits them all out is quick. */
export const quick = {
  patience: { tries: 4, firstMs: 5, longestMs: 20 },
  ...{ parts: 4, saveMs: 20, reserveBytes: 0 },
};

export interface Stage {
  readonly hub: Hub;
  readonly context: DownloadContext;
  readonly models: string;
  readonly content: Buffer;
  readonly words: string[];
  /** Resolves when the model is there. */
  download(options?: {
    model?: CatalogueModel;
    signal?: AbortSignal;
    onBytes?: (done: number) => void;
  }): Promise<void>;
  /** The weights as they lie in the models folder; null: the model is not there. */
  result(): Buffer | null;
  /** Empties the models folder. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function openStage(
  bytes: number,
  change: Partial<Omit<DownloadContext, 'network'>> = {},
): Promise<Stage> {
  const hub = await startHub();
  const folder = mkdtempSync(join(tmpdir(), 'llamba-download-'));
  const models = change.models ?? join(folder, 'models');
  mkdirSync(models, { recursive: true });
  const network = createNetwork({ folder: null, stall: { ms: 150, bytes: 100 }, env: {} });
  network.setHub(hub.address);
  const content = randomBytes(bytes, 7);
  hub.put(repository, weights, content);
  hub.put('someone/Tokens', 'tokenizer.json', Buffer.from('{"a":1}'));
  const context = {
    ...{ ...quick, network, connections: createConnections(8), models, tools: noTools },
    ...change,
  };
  const words: string[] = [];
  return {
    ...{ hub, context, models, content, words },
    download: ({ model = tiny, signal = new AbortController().signal, onBytes } = {}) =>
      downloadModel(model, context, {
        signal,
        onWord: (word) => void words.push(word),
        onConverting: () => undefined,
        onTrouble: () => undefined,
        onProgress: (done) => onBytes?.(done),
      }),
    result() {
      const found = readdirSync(models).filter((name) => !name.startsWith('.'));
      return found.length === 0 ? null : readFileSync(join(models, 'tiny', weights));
    },
    clear: async () => {
      for (const name of readdirSync(models)) rmSync(join(models, name), { recursive: true, force: true });
    },
    async close() {
      await network.close();
      await hub.close();
      for (const one of [folder, models]) rmSync(one, { recursive: true, force: true });
    },
  };
}
