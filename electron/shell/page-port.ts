/** A page's connection as a Port: opened anew by each page load, and deaf to every frame but the trusted one. */
import { type IpcMainEvent, ipcMain, type WebContents } from 'electron';
import type { Port } from '../shared/rpc.ts';
import { channel } from './channels.ts';
import { senderAddress } from './compat-modern.ts';
import { isOurs } from './origin.ts';

/**
 * Calls `onPort` with a fresh port for each load of the page in `contents`; the port before is closed first. Only
 * the top frame is listened to, and only while it shows the app's own origin.
 */
export function acceptPage(contents: WebContents, onPort: (port: Port) => void): void {
  let current: { onFrame: ((frame: unknown) => void)[]; onClose: (() => void)[] } | null = null;

  const close = () => {
    const closing = current;
    current = null;
    for (const listener of closing?.onClose ?? []) listener();
  };
  const trusted = (event: IpcMainEvent) => isOurs(senderAddress(event, contents));

  const onOpen = (event: IpcMainEvent) => {
    if (!trusted(event)) return;
    close();
    const mine = { onFrame: [] as ((frame: unknown) => void)[], onClose: [] as (() => void)[] };
    current = mine;
    onPort({
      post: (frame) => {
        if (current === mine && !contents.isDestroyed()) contents.send(channel.frame, frame);
      },
      onFrame: (listener) => void mine.onFrame.push(listener),
      onClose: (listener) => void mine.onClose.push(listener),
    });
  };
  const onFrame = (event: IpcMainEvent, frame: unknown) => {
    if (!trusted(event)) return;
    for (const listener of current?.onFrame ?? []) listener(frame);
  };

  ipcMain.on(channel.open, onOpen);
  ipcMain.on(channel.frame, onFrame);
  contents.on('render-process-gone', close);
  contents.once('destroyed', () => {
    ipcMain.off(channel.open, onOpen);
    ipcMain.off(channel.frame, onFrame);
    close();
  });
}
