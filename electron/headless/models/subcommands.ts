/** What can be done with models: each a call of the contract, its answer as a value and as text. */
import { lstat, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bytesFreedBy } from '../../core/models/freed.ts';
import type { ModelEntry } from '../../shared/contract.ts';
import { conversionGiven, conversionOptions } from '../conversion.ts';
import { subcommand } from '../sessions/subcommand.ts';
import { follow } from './follow.ts';

const idWord = { id: { kind: 'word', value: 'ID', help: "a model's id, as list shows it" } } as const;
const pathWord = { path: { kind: 'word', value: 'PATH', help: 'a folder or a file' } } as const;

const size = (bytes: number) =>
  (bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`).padStart(11);

const list = subcommand('the models on this computer', {}, async ({ rpc }) => {
  const value = await rpc.call('models.list', {});
  const lines = value.map(({ id, weightBytes, embedded, path }) => {
    const where = embedded ? 'part of the app' : path;
    return `${size(weightBytes)}  ${id}  ${where}\n`;
  });
  return { value, text: lines.join('') };
});

const recognise = subcommand(
  'what lies at a path, and how it would be brought in',
  pathWord,
  async ({ rpc }, { path }) => {
    const value = await rpc.call('models.recognise', { path: resolve(path) });
    const what =
      value.how === 'refuse'
        ? 'cannot be brought in'
        : `${value.name}, a ${value.architecture} (${value.layout}), ${size(value.bytes).trim()}: ${value.how}`;
    return { value, text: `${what}\n  ${value.reason}\n` };
  },
);

const importModel = subcommand(
  'brings a model in: by links where it can be used as it is, else by a conversion',
  { ...pathWord, ...conversionOptions },
  async ({ rpc }, given) => {
    const conversion = conversionGiven(given);
    const params = { path: resolve(given.path), ...(conversion && { conversion }) };
    const value = await follow(rpc, () => rpc.call('models.import', params));
    return { value, text: `${value.model}  ${value.name}\n` };
  },
);

const download = subcommand(
  'fetches a model of the catalogue',
  { id: { kind: 'word', value: 'ID', help: 'its id in the catalogue' } },
  async ({ rpc }, { id }) => {
    const value = await follow(rpc, () => rpc.call('models.download', { model: id }));
    return { value, text: `${value.model}  ${value.name}\n` };
  },
);

const addTwin = subcommand(
  'fetches the Transformer that the embedded model was made from',
  {},
  async ({ rpc }) => {
    const value = await follow(rpc, () => rpc.call('models.addTwin', {}));
    return { value, text: `${value.model}  ${value.name}\n` };
  },
);

const verify = subcommand('reads every byte of a model again', idWord, async ({ rpc }, { id }) => {
  const value = await follow(rpc, () => rpc.call('models.verify', { id }));
  return { value, text: `${value.name} is whole: ${size(value.doneBytes).trim()} read.\n` };
});

const remove = subcommand('removes a model for good', idWord, async ({ rpc }, { id }) => {
  const value = await rpc.call('models.remove', { id });
  return { value, text: `${size(value.freedBytes).trim()} freed.\n` };
});

const du = subcommand(
  'how much of the disk each model takes, and what removing it would free',
  {},
  async ({ rpc }) => {
    const value = await Promise.all((await rpc.call('models.list', {})).map(diskUse));
    const lines = value.map(({ id, bytes, freed }) => `${size(bytes)}  ${size(freed)}  ${id}\n`);
    return { value, text: `${'takes'.padStart(11)}  ${'frees'.padStart(11)}\n${lines.join('')}` };
  },
);

/** What the app ships is not removed, and so frees nothing. */
async function diskUse({ id, path, embedded }: ModelEntry) {
  const stats = await lstat(path);
  if (!stats.isDirectory()) return { id, bytes: stats.size, freed: 0 };
  let bytes = 0;
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true })) {
    if (!entry.isDirectory()) bytes += (await lstat(join(entry.parentPath, entry.name))).size;
  }
  return { id, bytes, freed: embedded ? 0 : await bytesFreedBy(path) };
}

export const modelCommands = {
  list,
  download,
  'add-twin': addTwin,
  recognise,
  import: importModel,
  verify,
  du,
  remove,
};
