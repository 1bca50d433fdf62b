import { replyOf, turnsOf } from '../chat/chat-state.ts';
import { OfflineMark, PageNav } from '../models/PageNav.tsx';
import { useStore } from '../store.ts';
import { IconButton } from '../ui/Button.tsx';
import { bytes, parameters, rate } from '../ui/units.ts';
import { useCommands } from './commands.ts';
import { written } from './keys.ts';
import type { Theme } from './machine-state.ts';
import styles from './Toolbar.module.css';

interface ToolbarProps {
  readonly library: boolean;
  readonly onToggleLibrary: () => void;
  readonly panel: boolean;
  readonly onTogglePanel: () => void;
  readonly onNewChat: () => void;
}

const themes = {
  system: { icon: 'display', label: 'Appearance: as the system', next: 'light' },
  light: { icon: 'sun', label: 'Appearance: light', next: 'dark' },
  dark: { icon: 'moon', label: 'Appearance: dark', next: 'system' },
} as const satisfies Record<Theme, { icon: string; label: string; next: Theme }>;

/** The window's head: what runs, how it does, and the few things to press. It drags the window in Electron. */
export function Toolbar({ library, onToggleLibrary, panel, onTogglePanel, onNewChat }: ToolbarProps) {
  const { chooseTheme } = useCommands();
  const host = useStore((state) => state.info?.host);
  const platform = useStore((state) => state.info?.platform);
  const empty = useStore((state) => turnsOf(state).length === 0 && replyOf(state) === null);
  const theme = themes[useStore((state) => state.theme)];
  return (
    <header className={styles.toolbar} data-lights={host === 'electron' && platform === 'darwin'}>
      <IconButton
        icon="sidebar"
        label="Library"
        keys={written('B')}
        tip="below-right"
        aria-pressed={library}
        onClick={onToggleLibrary}
      />
      <ModelTitle />
      {!panel && <Readout />}
      <OfflineMark />
      {!library && <PageNav />}
      <div className={styles.actions}>
        <IconButton
          icon="compose"
          label="New chat"
          keys={host === 'electron' ? written('N') : written('Shift+O')}
          tip="below-left"
          aria-disabled={empty}
          onClick={onNewChat}
        />
        <IconButton
          icon={theme.icon}
          label={theme.label}
          tip="below-left"
          onClick={() => chooseTheme(theme.next)}
        />
        <IconButton
          icon="panel"
          label="Model and machine"
          keys={written('I')}
          tip="below-left"
          aria-pressed={panel}
          onClick={onTogglePanel}
        />
      </div>
    </header>
  );
}

function ModelTitle() {
  const model = useStore((state) => state.model);
  return (
    <div className={styles.title}>
      <h1>{model?.name ?? 'Llamba'}</h1>
      {model && (
        <p>
          {[parameters(model.parameters), model.bits > 0 && `${model.bits}-bit`].filter(Boolean).join(', ')}
        </p>
      )}
    </div>
  );
}

/** Memory and speed on one line, for when the panel is shut. */
function Readout() {
  const latest = useStore((state) => state.history.at(-1));
  if (!latest) return null;
  return (
    <p className={styles.readout}>
      <span>{bytes(latest.footprintBytes)}</span>
      {latest.decodeTokensPerSecond !== null && <span>{rate(latest.decodeTokensPerSecond)}</span>}
    </p>
  );
}
