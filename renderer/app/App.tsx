import { type DragEvent, useEffect, useMemo, useRef, useState } from 'react';
import { ChatPage } from '../chat/ChatPage.tsx';
import { ComparePage } from '../compare/ComparePage.tsx';
import { DocumentsPage } from '../documents/DocumentsPage.tsx';
import { ModelsPage } from '../models/ModelsPage.tsx';
import { Sidebar } from '../sessions/Sidebar.tsx';
import { UndoToast } from '../sessions/UndoToast.tsx';
import { useStore } from '../store.ts';
import styles from './App.module.css';
import { useCommands } from './commands.ts';
import { Inspector } from './Inspector.tsx';
import { useShortcuts } from './keys.ts';
import { roomBeside, useShown } from './shown.ts';
import { Toolbar } from './Toolbar.tsx';

/** What a session can come in as. */
const importable = /\.(json|llamba)$/i;

export function App() {
  const commands = useCommands();
  const page = useStore((state) => state.page);
  const [library, setLibrary] = useShown('library');
  const [panel, setPanel] = useShown('panel');
  const [over, setOver] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const chat = useStore((state) => state.sessionId);
  const covering = library && !roomBeside();

  // Where the library lies over the conversation, a choice made in it uncovers what was chosen.
  useEffect(() => {
    if ((chat !== null || page !== 'chat') && !roomBeside()) setLibrary(false);
  }, [chat, page, setLibrary]);

  const shortcuts = useMemo(() => {
    const type = () => field.current?.focus();
    return {
      stop: () => (covering ? setLibrary(false) : commands.stop()),
      newChat: () => {
        commands.newChat();
        type();
      },
      toggleLibrary: () => setLibrary((shown) => !shown),
      togglePanel: () => setPanel((shown) => !shown),
      search: () => {
        setLibrary(true);
        if (search.current) search.current.focus();
        else requestAnimationFrame(() => search.current?.focus());
      },
      undo: commands.undo,
      showPage: commands.showPage,
      type,
    };
  }, [commands, covering, setLibrary, setPanel]);
  useShortcuts(shortcuts);

  const carriesFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one of two ways; the button in the library is the other
    <div
      className={styles.window}
      data-over={over && (page === 'models' ? 'models' : 'others')}
      onDragOver={(event) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        setOver(false);
        const files = [...event.dataTransfer.files];
        const chats = files.filter(({ name }) => importable.test(name));
        const others = files.filter((file) => !chats.includes(file));
        commands.importFiles(chats);
        // What is dropped on the Models page is a model (models/drop.ts).
        if (others.length > 0 && page !== 'models') commands.addDocuments(others);
      }}
    >
      <Toolbar
        library={library}
        onToggleLibrary={shortcuts.toggleLibrary}
        panel={panel}
        onTogglePanel={shortcuts.togglePanel}
        onNewChat={shortcuts.newChat}
      />
      <div className={styles.body}>
        {library && <Sidebar search={search} />}
        {page === 'chat' && <ChatPage field={field} />}
        {page === 'documents' && <DocumentsPage />}
        {page === 'compare' && <ComparePage />}
        {page === 'models' && <ModelsPage />}
        {panel && <Inspector />}
      </div>
      <UndoToast />
    </div>
  );
}
