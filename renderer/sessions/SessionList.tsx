import { useMemo, useState } from 'react';
import { VList } from 'virtua';
import { useStore } from '../store.ts';
import { FolderRow } from './FolderRow.tsx';
import { rowsOf } from './rows.ts';
import { SessionRow } from './SessionRow.tsx';
import styles from './Sidebar.module.css';

/** Ids of the folders that are shut, over restarts. */
const shutKey = 'llamba.folders-shut';

interface SessionListProps {
  readonly archived: boolean;
  /** A folder just made, to be named. */
  readonly made: string | null;
  readonly onNamed: () => void;
}

/** All sessions, in groups; only what is in view is drawn. */
export function SessionList({ archived, made, onNamed }: SessionListProps) {
  const sessions = useStore((state) => state.sessions);
  const folders = useStore((state) => state.folders);
  const storage = useStore((state) => state.storage);
  const [shut, setShut] = useState<ReadonlySet<string>>(
    () => new Set(localStorage.getItem(shutKey)?.split(' ')),
  );
  const rows = useMemo(
    () => rowsOf(sessions ?? [], folders, { shut, archived, now: Date.now() }),
    [sessions, folders, shut, archived],
  );

  function toggle(folder: string) {
    setShut((before) => {
      const after = new Set(before);
      if (!after.delete(folder)) after.add(folder);
      localStorage.setItem(shutKey, [...after].join(' '));
      return after;
    });
  }

  if (sessions === null) return <p className={styles.empty}>Reading the list…</p>;
  if (rows.length === 0) {
    const why = storage?.phase === 'ready' || storage === null ? null : storage.error?.message;
    return (
      <p className={styles.empty}>
        {why ?? (archived ? 'The archive is empty.' : 'Chats will be listed here.')}
      </p>
    );
  }
  return (
    <nav className={styles.list} aria-label={archived ? 'Archived chats' : 'Chats'}>
      <VList className={styles.scroll}>
        {rows.map((row) => {
          if (row.kind === 'heading') {
            return (
              <h2 key={row.key} className={styles.heading}>
                {row.title}
              </h2>
            );
          }
          if (row.kind === 'folder') {
            return (
              <FolderRow
                key={row.key}
                folder={row.folder}
                count={row.count}
                open={row.open}
                made={row.folder.id === made}
                onNamed={onNamed}
                onToggle={() => toggle(row.folder.id)}
              />
            );
          }
          return <SessionRow key={row.key} session={row.session} inside={row.inside} />;
        })}
      </VList>
    </nav>
  );
}
