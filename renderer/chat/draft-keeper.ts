/** What is typed reaches core while it is typed: after a pause, and at once when the page goes out of sight. */
import { toErrorValue } from '../../electron/shared/errors.ts';
import type { Link } from '../app/link.ts';
import { unsent } from './chat-state.ts';

const pauseMs = 300;

export interface DraftKeeper {
  /** What could not be saved while there was no connection. */
  again(): void;
}

export function keepDrafts(link: Link, page: Document): DraftKeeper {
  const { store } = link;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  /** Keys whose drafts differ from what core has. */
  const changed = new Set<string>();

  function save() {
    clearTimeout(waiting);
    const { rpc } = link;
    if (!rpc) return;
    const { drafts } = store.getState();
    for (const key of changed) {
      changed.delete(key);
      const text = drafts[key] ?? '';
      const saved =
        key === unsent
          ? // A chat that is not to be kept leaves no trace of what was typed for it either.
            store.getState().newChat.ephemeral
            ? Promise.resolve()
            : rpc.call('drafts.save', { text })
          : rpc.call('sessions.change', { session: key, change: { draft: text } });
      saved.catch((error) => {
        // A session that was deleted meanwhile wants no draft.
        if (toErrorValue(error).code === 'session-not-found') return;
        changed.add(key);
        link.told(error);
      });
    }
  }

  store.subscribe(({ drafts }, before) => {
    if (drafts === before.drafts) return;
    const keys = new Set([...Object.keys(drafts), ...Object.keys(before.drafts)]);
    for (const key of keys) if ((drafts[key] ?? '') !== (before.drafts[key] ?? '')) changed.add(key);
    if (changed.size === 0) return;
    clearTimeout(waiting);
    waiting = setTimeout(save, pauseMs);
  });
  page.addEventListener('visibilitychange', () => page.visibilityState === 'hidden' && save());
  page.defaultView?.addEventListener('pagehide', save);
  page.addEventListener('focusout', save);
  return { again: save };
}
