import { type KeyboardEvent, type RefObject, useRef, useState } from 'react';
import { useCommands } from '../app/commands.ts';
import { written } from '../app/keys.ts';
import { PageNav } from '../models/PageNav.tsx';
import { useStore } from '../store.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { MenuPlace } from '../ui/Menu.tsx';
import { SearchHits } from './SearchHits.tsx';
import { SessionList } from './SessionList.tsx';
import styles from './Sidebar.module.css';
import { useWidth } from './width.tsx';

/** The library: begin, find, open. */
export function Sidebar({ search }: { search: RefObject<HTMLInputElement | null> }) {
  const { newChat, search: searchFor, importFiles, saveFolder } = useCommands();
  const query = useStore((state) => state.query);
  const [archived, setArchived] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const { width, handle } = useWidth();

  const [made, setMade] = useState<string | null>(null);
  const library = useRef<HTMLElement>(null);

  function pressed(event: KeyboardEvent) {
    if (event.key !== 'Escape' || query === '') return;
    event.stopPropagation();
    searchFor('');
  }

  /** Arrow keys go from row to row, and from the search to what it found. */
  function walked(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const from = event.target as HTMLElement;
    if (step === undefined || !(from.matches('[data-row]') || from === search.current)) return;
    event.preventDefault();
    const rows = [...(library.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])];
    const to = rows.indexOf(from) + step;
    if (to < 0) search.current?.focus();
    else rows[to]?.focus();
  }

  return (
    <aside ref={library} className={styles.sidebar} aria-label="Library" style={{ width }} onKeyDown={walked}>
      <PageNav />
      <div className={styles.head}>
        <Button icon="compose" onClick={() => newChat(false)}>
          New chat
        </Button>
        <IconButton
          icon="private"
          label="New private chat, kept nowhere"
          tip="below-left"
          onClick={() => newChat(true)}
        />
      </div>
      <div className={styles.search}>
        <Icon name="search" size={14} />
        <input
          ref={search}
          type="search"
          placeholder={`Search (${written('K')})`}
          aria-label="Search chats"
          value={query}
          onChange={(event) => searchFor(event.target.value)}
          onKeyDown={pressed}
        />
      </div>
      <MenuPlace value={library}>
        {query.trim() === '' ? (
          <SessionList archived={archived} made={made} onNamed={() => setMade(null)} />
        ) : (
          <SearchHits />
        )}
      </MenuPlace>
      <div className={styles.foot}>
        <Button
          aria-pressed={archived}
          icon={archived ? 'back' : 'archive'}
          onClick={() => setArchived(!archived)}
        >
          {archived ? 'All chats' : 'Archive'}
        </Button>
        <IconButton
          icon="folder"
          label="New folder"
          tip="above"
          onClick={() => void saveFolder(null, 'New folder').then(setMade)}
        />
        <IconButton
          icon="import"
          label="Import a chat"
          tip="above-left"
          onClick={() => files.current?.click()}
        />
        <input
          ref={files}
          type="file"
          hidden
          multiple
          accept=".json,.llamba"
          aria-label="Files to import"
          onChange={(event) => {
            importFiles([...(event.target.files ?? [])]);
            event.target.value = '';
          }}
        />
      </div>
      {handle}
    </aside>
  );
}
