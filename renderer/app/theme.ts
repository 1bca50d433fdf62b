/** Light, dark or as the system: kept on this device, and shown by an attribute that tokens.css reads. */
import type { Store } from '../store.ts';
import type { Theme } from './machine-state.ts';

const key = 'llamba.theme';
const isTheme = (text: string | null): text is Theme =>
  text === 'system' || text === 'light' || text === 'dark';

/** Applies the choice kept from before at once, then each new one. */
export function followTheme(store: Store, root: HTMLElement, memory: Pick<Storage, 'getItem' | 'setItem'>) {
  const kept = memory.getItem(key);
  if (isTheme(kept)) store.getState().themeChosen(kept);
  const show = (theme: Theme) => {
    if (theme === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme;
  };
  show(store.getState().theme);
  store.subscribe((state, before) => {
    if (state.theme === before.theme) return;
    memory.setItem(key, state.theme);
    show(state.theme);
  });
}
