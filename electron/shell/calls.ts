/** The `shell.*` calls: what only the host of the window can do. */
import { BrowserWindow, dialog, nativeTheme, type OpenDialogOptions, shell } from 'electron';
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
    'shell.chooseModel': async () => {
      const window = BrowserWindow.getFocusedWindow();
      const { filePaths } = await (window
        ? dialog.showOpenDialog(window, modelDialog)
        : dialog.showOpenDialog(modelDialog));
      const [path] = filePaths;
      return path === undefined ? null : { path };
    },
  };
}

/** A Mac's dialog offers folders and files at once; elsewhere Electron has one or the other, and files can be dropped. */
const modelDialog: OpenDialogOptions = {
  title: 'Import a model',
  buttonLabel: 'Look',
  properties: process.platform === 'darwin' ? ['openFile', 'openDirectory'] : ['openDirectory'],
};
