/** Subcommands about what is kept: folders, presets, files, the storage itself. */
import { AppError } from '../../shared/errors.ts';
import { samplingGiven, samplingOptions } from '../options.ts';
import { exportTo, importFrom } from './files.ts';
import { openSession } from './ids.ts';
import { bytesText, storageText, titleOf } from './print.ts';
import { sessionWord, subcommand } from './subcommand.ts';

const nameWord = { name: { kind: 'word', value: 'NAME', help: 'its name' } } as const;

const folder = subcommand(
  'renames a folder, or removes it: its sessions move out',
  { ...nameWord, to: { kind: 'text', value: 'NAME', help: 'another name; left out: it is removed' } },
  async ({ rpc }, { name, to }) => {
    const { folders } = await rpc.call('sessions.list', {});
    const id = folders.find((each) => each.name === name)?.id;
    if (id === undefined) throw noFolder(name);
    const value =
      to === undefined
        ? await rpc.call('folders.remove', { id })
        : await rpc.call('folders.save', { id, name: to });
    return { value, text: to === undefined ? 'Removed.\n' : `${to}\n` };
  },
);

const noFolder = (name: string) =>
  new AppError('bad-request', `There is no folder "${name}".`, 'llamba sessions list names them.');

const preset = subcommand(
  'saves system line and sampling under a name; without any of them, removes it',
  {
    ...nameWord,
    system: { kind: 'text', value: 'T', help: "the system line, in place of the model's own" },
    ...samplingOptions,
  },
  async ({ rpc }, given) => {
    const { name, system = null } = given;
    const sampling = samplingGiven(given);
    const empty = system === null && Object.keys(sampling).length === 0;
    const value = empty
      ? await rpc.call('presets.remove', { name })
      : await rpc.call('presets.save', { name, system, sampling });
    return { value, text: empty ? 'Removed.\n' : `${name}\n` };
  },
);

const formats = ['markdown', 'json', 'llamba'] as const;

const export_ = subcommand(
  'writes a session to a file: markdown (the active branch), json (the tree), llamba (with its states)',
  {
    ...sessionWord,
    format: { kind: 'text', value: 'F', help: 'markdown, json or llamba; default: llamba' },
    to: { kind: 'text', value: 'FILE', help: 'default: named after the title, here; - is standard output' },
  },
  async ({ rpc }, given) => {
    const format = formats.find((each) => each === (given.format ?? 'llamba'));
    if (!format) throw noFormat(given.format ?? '');
    const { id: session } = await openSession(rpc, given.session);
    const value = await exportTo(rpc, { session, format }, given.to);
    return { value, text: given.to === '-' ? '' : `${value.path}, ${bytesText(value.bytes)}\n` };
  },
);

const noFormat = (format: string) =>
  new AppError('bad-request', `There is no format "${format}".`, `Choose one of ${formats.join(', ')}.`);

const import_ = subcommand(
  'a session from a file that was exported as json or llamba',
  { file: { kind: 'word', value: 'FILE', help: 'the file' } },
  async ({ rpc }, { file }) => {
    const value = await importFrom(rpc, file);
    return { value, text: `${value.id}  ${titleOf(value)}\n` };
  },
);

const storage = subcommand('where sessions are kept, and how it goes with it', {}, async ({ rpc }) => {
  const value = await rpc.call('storage.get', {});
  return { value, text: storageText(value) };
});

const budget = subcommand(
  'how many bytes the states may take; old ones go first',
  { size: { kind: 'word', value: 'SIZE', help: 'bytes, or as in 500MiB, 5GiB' } },
  async ({ rpc }, { size }) => {
    const value = await rpc.call('storage.budget', { bytes: parseSize(size) });
    return { value, text: storageText(value) };
  },
);

export function parseSize(text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?) ?(|KiB|MiB|GiB|TiB)$/.exec(text) ?? [];
  if (digits === undefined) {
    throw new AppError('bad-request', `"${text}" is no size.`, 'Give bytes, or as in 500MiB or 5GiB.');
  }
  return Math.round(Number(digits) * 1024 ** ['', 'KiB', 'MiB', 'GiB', 'TiB'].indexOf(unit));
}

export const keep = { folder, preset, export: export_, import: import_, storage, budget };
