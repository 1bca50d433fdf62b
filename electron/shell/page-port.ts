/** A page's connection as a Port: a new one for each load of the page, and deaf to every frame but the trusted one. */
import { type IpcMainEvent, ipcMain, type WebContents } from 'electron';
import type { Port } from '../shared/rpc.ts';
import { channel } from './channels.ts';
import { senderAddress } from './compat-modern.ts';
import { isOurs } from './origin.ts';

interface Connection {
  readonly id: number;
  readonly frame: ((frame: unknown) => void)[];
  readonly close: (() => void)[];
}

/**
 * Calls `onPort` with a fresh port at the first frame of each load of the page in `contents`; the port before is closed
 * first. Only the top frame is listened to, and only while it shows the app's own origin.
 */
export function acceptPage(contents: WebContents, onPort: (port: Port) => void): void {
  let current: Connection | null = null;

  function close() {
    const closing = current;
    current = null;
    for (const listener of closing?.close ?? []) listener();
  }

  function open(id: number): Connection {
    close();
    const mine: Connection = { id, frame: [], close: [] };
    current = mine;
    onPort({
      post: (frame) => {
        if (current === mine && !contents.isDestroyed()) contents.send(channel, frame);
      },
      onFrame: (listener) => void mine.frame.push(listener),
      onClose: (listener) => void mine.close.push(listener),
    });
    return mine;
  }

  function receive(event: IpcMainEvent, id: unknown, frame: unknown) {
    if (typeof id !== 'number' || !isOurs(senderAddress(event, contents))) return;
    const connection = current?.id === id ? current : open(id);
    for (const listener of connection.frame) listener(frame);
  }

  ipcMain.on(channel, receive);
  contents.on('render-process-gone', close);
  contents.once('destroyed', () => {
    ipcMain.off(channel, receive);
    close();
  });
}
