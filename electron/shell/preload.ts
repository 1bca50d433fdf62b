/**
 * The bridge, the whole of what the page gets: post a frame, listen to frames. Callbacks receive the frame alone, never
 * Electron's event. Main opens a new connection for each page load and closes the one before.
 */
import { contextBridge, ipcRenderer } from 'electron';
import { channel } from './channels.ts';

export interface Bridge {
  readonly host: 'electron';
  post(frame: unknown): void;
  /** Returns its own unsubscribe. */
  subscribe(onFrame: (frame: unknown) => void): () => void;
}

const bridge: Bridge = {
  host: 'electron',
  post: (frame) => ipcRenderer.send(channel.frame, frame),
  subscribe(onFrame) {
    const listener = (_event: unknown, frame: unknown) => onFrame(frame);
    ipcRenderer.on(channel.frame, listener);
    return () => void ipcRenderer.off(channel.frame, listener);
  },
};

ipcRenderer.send(channel.open);
contextBridge.exposeInMainWorld('llamba', bridge);
