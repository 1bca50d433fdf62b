/**
 * A double of the `electron` module: no Electron runs here. It records what the shell registers, so that tests can call
 * the handlers with what Electron 45 would hand over (its types hold the shapes).
 */
import { EventEmitter } from 'node:events';
import { vi } from 'vitest';

export class DoubleContents extends EventEmitter {
  mainFrame = { url: 'app://llamba/index.html' };
  sent: unknown[][] = [];
  windowOpenHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }) {
    this.windowOpenHandler = handler;
  }
  getURL() {
    return this.mainFrame.url;
  }
  isDestroyed() {
    return false;
  }
  send(...message: unknown[]) {
    this.sent.push(message);
  }
}

export class DoubleSession extends EventEmitter {
  request: (contents: unknown, permission: string, answer: (granted: boolean) => void) => void = () => {};
  check: (contents: unknown, permission: string, origin: string) => boolean = () => true;
  device: () => boolean = () => true;
  display: (request: unknown, answer: (streams: unknown) => void) => void = () => {};
  beforeRequest: (details: { url: string }, answer: (response: { cancel: boolean }) => void) => void =
    () => {};
  setPermissionRequestHandler(handler: typeof this.request) {
    this.request = handler;
  }
  setPermissionCheckHandler(handler: typeof this.check) {
    this.check = handler;
  }
  setDevicePermissionHandler(handler: typeof this.device) {
    this.device = handler;
  }
  setDisplayMediaRequestHandler(handler: typeof this.display) {
    this.display = handler;
  }
  webRequest = {
    onBeforeRequest: (handler: typeof this.beforeRequest) => {
      this.beforeRequest = handler;
    },
  };
}

export const doubleElectron = {
  handlers: new Map<string, (request: Request) => Promise<Response>>(),
  opened: [] as string[],
  privileged: [] as unknown[],
  app: { enableSandbox: vi.fn() },
  ipcMain: new EventEmitter(),
  protocol: {
    handle: (scheme: string, handler: (request: Request) => Promise<Response>) =>
      void doubleElectron.handlers.set(scheme, handler),
    registerSchemesAsPrivileged: (schemes: unknown[]) => void doubleElectron.privileged.push(...schemes),
  },
  shell: { openExternal: async (url: string) => void doubleElectron.opened.push(url) },
  BrowserWindow: { getFocusedWindow: () => null },
  /** What the user chooses in the next dialog. */
  chosen: [] as string[],
  dialog: { showOpenDialog: async () => ({ canceled: false, filePaths: doubleElectron.chosen }) },
  nativeTheme: { themeSource: 'system', shouldUseDarkColors: false },
  screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1440, height: 900 } }] },
};
