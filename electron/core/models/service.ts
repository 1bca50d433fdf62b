/** Models from outside, as the contract has them: cards with verdicts, downloads, imports, verifying, removing. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type {
  CatalogueCard,
  CatalogueModel,
  Conversion,
  ModelEntry,
  ModelTask,
  Recognised,
} from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import type { Network } from '../network/network.ts';
import { createConnections } from './connections.ts';
import { freeBytes } from './disk.ts';
import { downloadModel } from './download.ts';
import { type FetchOptions, usualOptions } from './fetch-model.ts';
import { bestModel, fitOf, type Machine } from './fit.ts';
import { bytesFreedBy } from './freed.ts';
import { readManifest, verifyFolder } from './manifest.ts';
import { folderOf, knownModel, listModels, type ModelFolders } from './on-disk.ts';
import { fetchedBytes, openPartial, totalBytes, unfinishedDownloads } from './partial.ts';
import { createTasks, type Job } from './tasks.ts';
import type { ModelTools } from './tools.ts';

export interface ModelsOptions {
  readonly catalogue: readonly CatalogueModel[];
  readonly folders: ModelFolders;
  readonly network: Network;
  readonly tools: ModelTools;
  /** Where the engine runs. */
  readonly device: () => Promise<Omit<Machine, 'freeBytes'>>;
  readonly onTask: (task: ModelTask) => void;
  /** Another list of models than before. */
  readonly onChange: () => void;
  readonly fetching?: FetchOptions;
}

/** Over all downloads: more would not be faster, and hosts count them. */
const allConnections = 8;
const removing = '.removing-';

export type Models = ReturnType<typeof createModels>;

export function createModels(options: ModelsOptions) {
  const { catalogue, folders, network, tools, onChange, fetching = usualOptions } = options;
  const connections = createConnections(allConnections);
  const tasks = createTasks((task) => {
    options.onTask(task);
    if (task.phase === 'done' && task.kind !== 'verify') onChange();
  });
  /** What an earlier run of the app left: downloads to go on with, and removals to end. */
  const ready = pickUp();
  ready.catch(() => undefined); // whoever waits for it is told

  async function pickUp(): Promise<void> {
    const folder = folders.at(-1)?.path;
    if (folder === undefined || !existsSync(folder)) return;
    for (const name of await readdir(folder)) {
      if (name.startsWith(removing)) await rm(join(folder, name), { recursive: true, force: true });
    }
    for (const { model: id, progress, word } of await unfinishedDownloads(folder)) {
      const model = catalogue.find((one) => one.id === id);
      if (!model) continue;
      if (existsSync(join(folder, id))) {
        // Killed between the model's appearance and the end of its partial folder. Another process may be at it.
        await openPartial(folder, id).then(
          (partial) => partial.remove(),
          () => undefined,
        );
        continue;
      }
      const [doneBytes, total] = [fetchedBytes(progress), totalBytes(progress)];
      tasks.found(downloadJob(model), { doneBytes, totalBytes: total, note: word });
    }
  }

  /** Where the user's models are kept. */
  async function home(): Promise<string> {
    const folder = folders.at(-1);
    if (!folder || folder.embedded) throw noHome();
    await mkdir(folder.path, { recursive: true });
    return folder.path;
  }

  function downloadJob(model: CatalogueModel): Job {
    const { id, name } = model;
    return {
      ...{ id: `download-${id}`, kind: 'download', model: id, name },
      async run({ signal, phase, progress, word, trouble }) {
        const context = { ...fetching, network, connections, tools, models: await home() };
        await downloadModel(model, context, {
          signal,
          onWord: word,
          onTrouble: ({ message }) => trouble(`${message} It is tried again.`),
          onConverting: () => phase('converting'),
          onProgress(done, total) {
            progress(done, total);
            // The last checksum is still under way.
            if (done === total) phase('verifying');
          },
        });
      },
      async discard() {
        const folder = await home();
        await (await openPartial(folder, id)).remove();
        await tools.discard(join(folder, id));
      },
    };
  }

  function importJob({ path, name, how }: Recognised, id: string, conversion: Conversion | undefined): Job {
    const kind = conversion ? 'convert' : 'import';
    return {
      ...{ id: `${kind}-${id}`, kind, model: id, name },
      async run({ signal, phase, progress }) {
        phase(how === 'convert' ? 'converting' : 'running');
        const control = { signal, onProgress: progress, id, ...(conversion && { conversion }) };
        await tools.importModel(path, await home(), control);
      },
      discard: async () => tools.discard(join(await home(), id)),
    };
  }

  function verifyJob(entry: ModelEntry): Job {
    const { id, name } = entry;
    return {
      ...{ id: `verify-${id}`, kind: 'verify', model: id, name },
      async run({ signal, phase, progress }) {
        phase('verifying');
        const folder = folderOf(entry);
        const manifest = await readManifest(folder);
        if (!manifest) throw noManifest(name);
        const total = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
        let done = 0;
        const onBytes = (bytes: number) => {
          done += bytes;
          progress(done, total);
        };
        await verifyFolder(folder, manifest, { signal, onBytes });
      },
      discard: async () => undefined,
    };
  }

  const download = async (id: string): Promise<ModelTask> => {
    await ready;
    const model = catalogue.find((one) => one.id === id);
    if (!model) throw new AppError('model-not-found', `The catalogue has no "${id}".`, 'Look at the list.');
    if (listModels(folders).some((entry) => entry.id === id)) throw isThere(model.name);
    return tasks.begin(downloadJob(model));
  };

  return {
    download,
    tasks,
    ready,
    async cards(): Promise<CatalogueCard[]> {
      await ready;
      const folder = await home();
      const machine = { ...(await options.device()), freeBytes: await freeBytes(folder) };
      const installed = new Set(listModels(folders).map(({ id }) => id));
      const cards = catalogue.map((model) => {
        const task = tasks.list().find((one) => one.id === `download-${model.id}` && one.phase !== 'done');
        const there = installed.has(model.id);
        // What is there needs no more room.
        const fetched = there ? Number.POSITIVE_INFINITY : (task?.doneBytes ?? 0);
        return { model, fit: fitOf(model, machine, fetched), installed: there, task: task?.id ?? null };
      });
      const best = bestModel(cards);
      return cards.map((card) => ({ ...card, best: card.model.id === best }));
    },
    /** The embedded model's. */
    async addTwin(): Promise<ModelTask> {
      const twin = catalogue.find(({ form }) => form === 'embedded')?.twin;
      if (!twin) throw new AppError('model-not-found', 'The embedded model has no twin.', '');
      return download(twin);
    },
    async importModel(path: string, conversion?: Conversion): Promise<ModelTask> {
      await ready;
      const found = await tools.recognise(path);
      if (found.how === 'refuse') throw new AppError('unsupported', found.reason, 'Choose another one.');
      const id = freeId(found.name, new Set(listModels(folders).map((entry) => entry.id)));
      return tasks.begin(importJob(found, id, conversion));
    },
    verify: async (id: string): Promise<ModelTask> => tasks.begin(verifyJob(knownModel(folders, id))),
    freed: async (id: string): Promise<{ freedBytes: number }> => ({
      freedBytes: await bytesFreedBy(knownModel(folders, id).path),
    }),
    /** Gone at once, and for good; gives the bytes that the disk got back. */
    async remove(id: string): Promise<{ freedBytes: number }> {
      const entry = knownModel(folders, id);
      const folder = await home();
      if (dirname(entry.path) !== folder) throw notOurs(entry.name);
      const aside = join(folder, removing + basename(entry.path));
      await rename(entry.path, aside);
      const freedBytes = await bytesFreedBy(aside);
      await rm(aside, { recursive: true });
      onChange();
      return { freedBytes };
    },
    close: () => tasks.close(),
  };
}

/** A folder's name made from a model's, not taken yet. */
export function freeId(name: string, taken: ReadonlySet<string>): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  const id = plain.slice(0, 80) || 'model';
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? id : `${id}-${n}`;
    if (!taken.has(candidate)) return candidate;
  }
}

const noHome = () =>
  new AppError('unsupported', 'There is no folder for your models.', 'Start Llamba with a data folder.');
const isThere = (name: string) =>
  new AppError('bad-request', `${name} is on this computer already.`, 'Choose it in the list of models.');
const notOurs = (name: string) =>
  new AppError('bad-request', `${name} was not brought in by Llamba.`, 'Remove it where it lies.');
const noManifest = (name: string) =>
  new AppError(
    'unsupported',
    `No checksums were written down of ${name}.`,
    'Only what Llamba fetched, imported or converted itself can be verified.',
  );
