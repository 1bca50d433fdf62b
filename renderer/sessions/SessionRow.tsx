import { type KeyboardEvent, useRef, useState } from 'react';
import type { SessionSummary } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { useStore } from '../store.ts';
import { IconButton } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { ContextMenu, Menu } from '../ui/Menu.tsx';
import { RenameField } from './RenameField.tsx';
import styles from './Sidebar.module.css';
import { sessionMenu } from './session-menu.ts';

export const titleOf = ({ title }: Pick<SessionSummary, 'title'>) => title || 'New chat';

/** One session of the list: opens it, and holds its menu. */
export function SessionRow({ session, inside }: { session: SessionSummary; inside: boolean }) {
  const commands = useCommands();
  const current = useStore((state) => state.sessionId === session.id);
  const folders = useStore((state) => state.folders);
  const [renaming, setRenaming] = useState(false);
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const title = titleOf(session);
  const entries = () => sessionMenu(session, folders, commands, () => setRenaming(true));
  // After "Rename" the focus belongs to the field that takes the button's place.
  const after = () => button.current;

  function pressed(event: KeyboardEvent) {
    if (event.key === 'F2') setRenaming(true);
    else if (event.key === 'Delete' || (event.key === 'Backspace' && event.metaKey))
      commands.deleteSession(session.id);
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) setOpen(true);
    else return;
    event.preventDefault();
  }

  if (renaming) {
    return (
      <div className={`${styles.row} ${inside ? styles.inside : ''}`}>
        <RenameField
          label={`Name of ${title}`}
          name={title}
          onDone={(name) => {
            setRenaming(false);
            if (name !== null) commands.changeSession(session.id, { title: name });
            requestAnimationFrame(() => button.current?.focus());
          }}
        />
      </div>
    );
  }
  return (
    <ContextMenu label={title} entries={entries} after={after}>
      <div className={`${styles.row} ${inside ? styles.inside : ''}`} data-current={current}>
        <button
          ref={button}
          type="button"
          className={styles.open}
          data-row
          aria-current={current ? 'page' : undefined}
          draggable={!session.ephemeral}
          onDragStart={(event) => event.dataTransfer.setData(sessionType, session.id)}
          onClick={() => commands.openSession(session.id)}
          onKeyDown={pressed}
        >
          <span className={styles.title}>{title}</span>
          {session.ephemeral && <span className={styles.tag}>Not kept</span>}
          {session.writing && (
            <span className={styles.writing}>
              <span className="visually-hidden">, being written</span>
            </span>
          )}
        </button>
        <Menu label={title} entries={entries} after={after} open={open} onOpenChange={setOpen}>
          <IconButton icon="more" label={`More for ${title}`} size="small" tip="below-left" tabIndex={-1} />
        </Menu>
        {session.pinned && <Icon name="pin" size={12} />}
      </div>
    </ContextMenu>
  );
}

/** What a session is called while it is dragged. */
export const sessionType = 'application/x-llamba-session';
