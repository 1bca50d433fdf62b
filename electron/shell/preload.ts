/**
 * The bridge, the whole of what the page gets: post a frame, listen to frames. Callbacks receive the frame alone, never
 * Electron's event. Each load of the page is a connection of its own, told apart by a number.
 */
import { contextBridge, ipcRenderer } from 'electron';
import { channel } from './channels.ts';

export interface Bridge {
  readonly host: 'electron';
  post(frame: unknown): void;
  /** Returns its own unsubscribe. */
  subscribe(onFrame: (frame: unknown) => void): () => void;
}

const connection = Math.random();

const bridge: Bridge = {
  host: 'electron',
  post: (frame) => ipcRenderer.send(channel, connection, frame),
  subscribe(onFrame) {
    const listener = (_event: unknown, frame: unknown) => onFrame(frame);
    ipcRenderer.on(channel, listener);
    return () => void ipcRenderer.off(channel, listener);
  },
};

contextBridge.exposeInMainWorld('llamba', bridge);
