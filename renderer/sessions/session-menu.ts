/** What can be done with a session, as a menu. */
import type { Folder, SessionSummary } from '../../electron/shared/contract.ts';
import type { Commands } from '../app/commands.ts';
import type { MenuEntry } from '../ui/Menu.tsx';

export function sessionMenu(
  { id, pinned, archived, ephemeral, folder }: SessionSummary,
  folders: readonly Folder[],
  commands: Commands,
  rename: () => void,
): MenuEntry[] {
  const { changeSession, duplicateSession, deleteSession, exportSession, saveFolder } = commands;
  const moveTo = (to: string | null) => changeSession(id, { folder: to });
  const move: MenuEntry = {
    label: 'Move to',
    icon: 'folder',
    entries: [
      { label: 'No folder', checked: folder === null, run: () => moveTo(null) },
      ...folders.map(({ id: other, name }) => ({
        label: name,
        checked: other === folder,
        run: () => moveTo(other),
      })),
      'line',
      {
        label: 'New folder',
        run: () => void saveFolder(null, 'New folder').then((made) => made !== null && moveTo(made)),
      },
    ],
  };
  return [
    { label: 'Rename', icon: 'edit', keys: 'F2', run: rename },
    { label: pinned ? 'Unpin' : 'Pin', icon: 'pin', run: () => changeSession(id, { pinned: !pinned }) },
    ...(ephemeral ? [] : [move]),
    { label: 'Duplicate', icon: 'copy', run: () => duplicateSession(id) },
    {
      label: 'Export',
      icon: 'download',
      entries: [
        { label: 'Markdown', run: () => exportSession(id, 'markdown') },
        { label: 'JSON, every branch', run: () => exportSession(id, 'json') },
        { label: '.llamba, with its states', run: () => exportSession(id, 'llamba') },
      ],
    },
    'line',
    {
      label: archived ? 'Take out of the archive' : 'Archive',
      icon: 'archive',
      run: () => changeSession(id, { archived: !archived }),
    },
    { label: 'Delete', icon: 'trash', keys: 'Del', danger: true, run: () => deleteSession(id) },
  ];
}
