/** Rows of what sessions are put in order and begun with: folders, presets, settings. */
import type { Folder, Preset } from '../../shared/sessions.ts';
import type { Store } from './rows.ts';
import type { Tables } from './statements.ts';

type Calls =
  | 'folders'
  | 'putFolder'
  | 'removeFolder'
  | 'presets'
  | 'putPreset'
  | 'removePreset'
  | 'setting'
  | 'putSetting';

export function libraryRows({ prepare }: Tables): Pick<Store, Calls> {
  const folders = prepare<Folder>('SELECT id, name FROM folders ORDER BY name COLLATE NOCASE, id');
  const putFolder = prepare(
    'INSERT INTO folders (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name',
  );
  const removeFolder = prepare('DELETE FROM folders WHERE id = ?');
  const presets = prepare<{ name: string; system: string | null; sampling: string }>(
    'SELECT name, system, sampling FROM presets ORDER BY name COLLATE NOCASE, name',
  );
  const putPreset = prepare(
    `INSERT INTO presets (name, system, sampling) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET system = excluded.system, sampling = excluded.sampling`,
  );
  const removePreset = prepare('DELETE FROM presets WHERE name = ?');
  const setting = prepare<{ value: string }>('SELECT value FROM settings WHERE name = ?');
  const putSetting = prepare(
    'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );

  return {
    folders: () => folders.all().map((row) => ({ ...row })),
    putFolder: ({ id, name }) => void putFolder.run(id, name),
    removeFolder: (id) => void removeFolder.run(id),
    presets: () => presets.all().map((row): Preset => ({ ...row, sampling: JSON.parse(row.sampling) })),
    putPreset: ({ name, system, sampling }) => void putPreset.run(name, system, JSON.stringify(sampling)),
    removePreset: (name) => void removePreset.run(name),
    setting: (name) => setting.get(name)?.value ?? null,
    putSetting: (name, value) => void putSetting.run(name, value),
  };
}
