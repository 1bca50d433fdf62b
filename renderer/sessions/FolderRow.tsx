import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Folder } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { IconButton } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { ContextMenu, Menu, type MenuEntry } from '../ui/Menu.tsx';
import { count as counted } from '../ui/units.ts';
import { RenameField } from './RenameField.tsx';
import { sessionType } from './SessionRow.tsx';
import styles from './Sidebar.module.css';

interface FolderRowProps {
  readonly folder: Folder;
  readonly count: number;
  readonly open: boolean;
  /** Just made: it wants a name. */
  readonly made: boolean;
  readonly onNamed: () => void;
  readonly onToggle: () => void;
}

/** A folder of the list: opens and shuts, takes what is dropped on it, and holds its menu. */
export function FolderRow({ folder, count, open, made, onNamed, onToggle }: FolderRowProps) {
  const { saveFolder, removeFolder, changeSession } = useCommands();
  const [renaming, setRenaming] = useState(false);
  useEffect(() => {
    if (made) setRenaming(true);
  }, [made]);
  const [menu, setMenu] = useState(false);
  const [over, setOver] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const entries = (): MenuEntry[] => [
    { label: 'Rename', icon: 'edit', keys: 'F2', run: () => setRenaming(true) },
    'line',
    {
      label: 'Remove folder, keep its chats',
      icon: 'trash',
      danger: true,
      run: () => removeFolder(folder.id),
    },
  ];
  const after = () => button.current;

  function pressed(event: KeyboardEvent) {
    if (event.key === 'F2') setRenaming(true);
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) setMenu(true);
    else if ((event.key === 'ArrowRight' && !open) || (event.key === 'ArrowLeft' && open)) onToggle();
    else return;
    event.preventDefault();
  }

  if (renaming) {
    return (
      <div className={styles.row}>
        <RenameField
          label={`Name of folder ${folder.name}`}
          name={folder.name}
          onDone={(name) => {
            setRenaming(false);
            onNamed();
            if (name !== null) void saveFolder(folder.id, name);
            requestAnimationFrame(() => button.current?.focus());
          }}
        />
      </div>
    );
  }
  return (
    <ContextMenu label={folder.name} entries={entries} after={after}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one of two ways; the menu of a session is the other */}
      <div
        className={styles.row}
        data-over={over}
        onDragOver={(event) => {
          if (!event.dataTransfer.types.includes(sessionType)) return;
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          const session = event.dataTransfer.getData(sessionType);
          if (session) changeSession(session, { folder: folder.id });
        }}
      >
        <button
          ref={button}
          type="button"
          className={styles.open}
          data-row
          aria-expanded={open}
          onClick={onToggle}
          onKeyDown={pressed}
        >
          <span className={styles.chevron} data-open={open}>
            <Icon name="chevron" size={12} />
          </span>
          <span className={styles.title}>{folder.name}</span>
          <span className={styles.count}>{counted(count)}</span>
        </button>
        <Menu label={folder.name} entries={entries} after={after} open={menu} onOpenChange={setMenu}>
          <IconButton
            icon="more"
            label={`More for folder ${folder.name}`}
            size="small"
            tip="below-left"
            tabIndex={-1}
          />
        </Menu>
      </div>
    </ContextMenu>
  );
}
