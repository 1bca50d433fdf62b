import { useCommands } from '../app/commands.ts';
import { pages, written } from '../app/keys.ts';
import { useStore } from '../store.ts';
import type { Page } from './models-state.ts';
import styles from './PageNav.module.css';

const labels: Record<Page, string> = {
  chat: 'Chat',
  documents: 'Documents',
  compare: 'Compare',
  models: 'Models',
};

/** The pages of the window, side by side. */
export function PageNav() {
  const current = useStore((state) => state.page);
  const { showPage } = useCommands();
  return (
    <nav className={styles.nav} aria-label="Pages">
      {pages.map((page, at) => (
        <button
          key={page}
          type="button"
          title={written(String(at + 1))}
          aria-current={page === current ? 'page' : undefined}
          onClick={() => showPage(page)}
        >
          {labels[page]}
        </button>
      ))}
    </nav>
  );
}

/** That nothing is sent, wherever in the app one is; it leads to the switch. */
export function OfflineMark() {
  const offline = useStore(({ network }) => network?.offline ?? false);
  const { showPage } = useCommands();
  if (!offline) return null;
  return (
    <button type="button" className={styles.offline} onClick={() => showPage('models')}>
      Offline
    </button>
  );
}
