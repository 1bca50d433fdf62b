/** What happens once Electron is ready: guards first, then the core, then the window. */
import { join } from 'node:path';
import { app, type BrowserWindow, Menu, nativeTheme, session, shell } from 'electron';
import { resolveAsset } from '../shared/assets.ts';
import { serve } from '../shared/rpc.ts';
import { checkParams } from '../shared/schemas.ts';
import { splitPort } from '../shared/split-port.ts';
import { shellCalls } from './calls.ts';
import { serveScheme } from './compat-modern.ts';
import { openCore } from './core-here.ts';
import { externalUrl } from './external.ts';
import { guardContents, guardSession } from './guard.ts';
import { menuTemplate } from './menu.ts';
import { scheme } from './origin.ts';
import { acceptPage } from './page-port.ts';
import { places } from './places.ts';
import { bringToFront, openWindow } from './window.ts';
import { readWindowState, type WindowState, writeWindowState } from './window-state.ts';

export async function start(): Promise<void> {
  const stateFile = join(app.getPath('userData'), 'window.json');
  let state = readWindowState(stateFile);
  const remember = (change: Partial<WindowState>) => {
    state = { ...state, ...change };
    writeWindowState(stateFile, state);
  };
  nativeTheme.themeSource = state.theme;

  app.on('web-contents-created', (_event, contents) => guardContents(contents, openLink));
  guardSession(session.defaultSession);
  serveScheme(scheme, (url) => resolveAsset(places.renderer, new URL(url).pathname));
  const mac = process.platform === 'darwin';
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(app.name, mac, !app.isPackaged)));

  const core = await openCore();
  const calls = shellCalls((theme) => remember({ theme }));
  let window: BrowserWindow | null = null;
  const open = () => {
    window = openWindow(state, places.preload, remember);
    window.on('closed', () => {
      window = null;
    });
    acceptPage(window.webContents, (page) => {
      const ports = splitPort(page);
      serve(ports.shell, calls, checkParams);
      core.accept(ports.core);
    });
  };
  open();

  const show = () => (window ? bringToFront(window) : open());
  app.on('second-instance', show);
  app.on('activate', show);
  app.on('window-all-closed', () => {
    if (!mac) app.quit();
  });
  closeBeforeQuitting(() => core.close());
}

/** A page's link that wants a window: an allowed one opens in the user's browser, any other nowhere. */
function openLink(url: string): void {
  try {
    shell.openExternal(externalUrl(url)).catch((error: Error) => console.error(error.message));
  } catch (refused) {
    console.error(`${(refused as Error).message} ${url}`);
  }
}

/** Quitting waits for `close`, so that the engine process ends and what is being written reaches the disk. */
function closeBeforeQuitting(close: () => Promise<void>): void {
  let closing = false;
  app.on('will-quit', (event) => {
    if (closing) return;
    closing = true;
    event.preventDefault();
    close()
      .catch((error: Error) => console.error(`Core did not close: ${error.message}`))
      .finally(() => app.quit());
  });
}
