/** The one window: its options, its remembered place, and what happens when its page dies. */
import { BrowserWindow, dialog, nativeTheme, screen } from 'electron';
import { home } from './origin.ts';
import { smallest, usual, visibleBounds, type WindowState } from './window-state.ts';

/** Electron's secure settings, said aloud where they are defaults too: a test compares them with the checklist. */
export function windowOptions(state: WindowState, preload: string) {
  return {
    ...usual,
    minWidth: smallest.width,
    minHeight: smallest.height,
    ...visibleBounds(
      state.bounds,
      screen.getAllDisplays().map((display) => display.workArea),
    ),
    show: false,
    // --paper of renderer/ui/tokens.css, until the page is drawn: no white flash in the dark.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#1f1f1f' : '#fefefd',
    // The page draws its own head (renderer/app/Toolbar.tsx), with room for the Mac's three buttons.
    ...(process.platform === 'darwin' && {
      titleBarStyle: 'hiddenInset' as const,
      trafficLightPosition: { x: 18, y: 18 },
    }),
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      // Elsewhere Chromium would download its dictionaries; macOS has its own.
      spellcheck: process.platform === 'darwin',
    },
  };
}

/** Opens the window and loads the app; `remember` is told where it was when it closes. */
export function openWindow(
  state: WindowState,
  preload: string,
  remember: (place: Pick<WindowState, 'bounds' | 'maximized'>) => void,
): BrowserWindow {
  const window = new BrowserWindow(windowOptions(state, preload));
  if (state.maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => remember({ bounds: window.getNormalBounds(), maximized: window.isMaximized() }));
  reloadWhenGone(window);
  window
    .loadURL(home)
    .catch((error: Error) => console.error(`The page could not be loaded: ${error.message}`));
  return window;
}

/** The page's process died: the page is loaded again, unless that has just been tried. */
function reloadWhenGone(window: BrowserWindow): void {
  let last = Number.NEGATIVE_INFINITY;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    const again = Date.now() - last < 10_000;
    last = Date.now();
    if (!again) {
      // Not from within the event: Electron is still taking the dead page down, and would crash.
      setImmediate(() => window.isDestroyed() || window.webContents.reload());
      return;
    }
    dialog.showErrorBox('Llamba', `The page stopped twice (${reason}). Quit and start Llamba again.`);
  });
}

export function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
