/** The `shell.*` calls: what only the host of the window can do. */
import { nativeTheme, shell } from 'electron';
import { externalUrl } from './external.ts';
import type { Theme } from './window-state.ts';

/** `remember` keeps the theme for the next start. */
export function shellCalls(remember: (theme: Theme) => void) {
  return {
    'shell.openExternal': async ({ url }: { url: string }) => {
      await shell.openExternal(externalUrl(url));
      return {};
    },
    'shell.theme': async ({ theme }: { theme: Theme }) => {
      nativeTheme.themeSource = theme;
      remember(theme);
      return {};
    },
  };
}
