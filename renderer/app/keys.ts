/** Keyboard shortcuts: which keys do what, how they are written for the user, and the listener. */
import { useEffect } from 'react';
import type { Page } from '../models/models-state.ts';

const mac = /Mac|iP/.test(navigator.platform);

/** As menus write it: ⌘N on a Mac, Ctrl+N elsewhere. */
export const written = (key: string) => (mac ? `⌘${key}` : `Ctrl+${key}`);

/** In the order in which Mod and a digit show them. */
export const pages: readonly Page[] = ['chat', 'documents', 'compare', 'models'];

export interface Shortcuts {
  stop(): void;
  newChat(): void;
  toggleLibrary(): void;
  togglePanel(): void;
  search(): void;
  undo(): void;
  /** Typing anywhere goes to the message. */
  type(): void;
  showPage(page: Page): void;
}

/**
 * Esc and Mod+. stop, Mod+N begins a new chat (a browser tab keeps Mod+N for itself; there it is Mod+Shift+O),
 * Mod+B shows the library, Mod+I the panel, Mod+K searches, Mod+Z outside of a field takes a deletion back, a plain letter
 * goes to the composer.
 */
export function useShortcuts(shortcuts: Shortcuts) {
  useEffect(() => {
    function pressed(event: KeyboardEvent) {
      if (event.defaultPrevented || event.isComposing) return;
      // A menu has keys of its own: its Esc is not to stop a reply.
      if ((event.target as Element).closest('[role="menu"]')) return;
      const mod = mac ? event.metaKey : event.ctrlKey;
      const key = event.key.toLowerCase();
      if (event.key === 'Escape' || (mod && key === '.')) return shortcuts.stop();
      if (mod && ((key === 'n' && !event.shiftKey) || (key === 'o' && event.shiftKey))) {
        event.preventDefault();
        return shortcuts.newChat();
      }
      if (mod && key === 'i' && !event.shiftKey && !event.altKey) {
        event.preventDefault();
        return shortcuts.togglePanel();
      }
      if (mod && key === 'b' && !event.shiftKey && !event.altKey) {
        event.preventDefault();
        return shortcuts.toggleLibrary();
      }
      if (mod && key === 'k' && !event.shiftKey && !event.altKey) {
        event.preventDefault();
        return shortcuts.search();
      }
      if (
        mod &&
        key === 'z' &&
        !event.shiftKey &&
        !(event.target as HTMLElement).matches('input, textarea')
      ) {
        event.preventDefault();
        return shortcuts.undo();
      }
      const page = mod && !event.shiftKey && !event.altKey ? pages[Number(key) - 1] : undefined;
      if (page) {
        event.preventDefault();
        return shortcuts.showPage(page);
      }
      const plain =
        event.key.length === 1 && event.key !== ' ' && !event.metaKey && !event.ctrlKey && !event.altKey;
      if (plain && event.target === document.body) shortcuts.type();
    }
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [shortcuts]);
}
