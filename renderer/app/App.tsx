import { useMemo, useRef, useState } from 'react';
import { ChatPage } from '../chat/ChatPage.tsx';
import styles from './App.module.css';
import { useCommands } from './commands.ts';
import { Inspector } from './Inspector.tsx';
import { useShortcuts } from './keys.ts';
import { Toolbar } from './Toolbar.tsx';

/** Wide enough for the panel to stand beside the conversation (as in Inspector.module.css). */
const roomForPanel = () => matchMedia('(min-width: 60rem)').matches;

export function App() {
  const commands = useCommands();
  const [panel, setPanel] = useState(roomForPanel);
  const field = useRef<HTMLTextAreaElement>(null);

  const shortcuts = useMemo(
    () => ({
      stop: commands.stop,
      newChat: () => {
        commands.newChat();
        field.current?.focus();
      },
      togglePanel: () => setPanel((shown) => !shown),
      type: () => field.current?.focus(),
    }),
    [commands],
  );
  useShortcuts(shortcuts);

  return (
    <div className={styles.window}>
      <Toolbar panel={panel} onTogglePanel={shortcuts.togglePanel} onNewChat={shortcuts.newChat} />
      <div className={styles.body}>
        <ChatPage field={field} />
        {panel && <Inspector />}
      </div>
    </div>
  );
}
