/**
 * The bridge, the whole of what the page gets: post a frame, listen to frames, learn where a dropped file lies.
 * Callbacks receive the frame alone, never Electron's event. Each load of the page is a connection of its own, told
 * apart by a number.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { channel } from './channels.ts';

export interface Bridge {
  readonly host: 'electron';
  post(frame: unknown): void;
  /** Returns its own unsubscribe. */
  subscribe(onFrame: (frame: unknown) => void): () => void;
  /** Of a file that the user dropped; empty for any other. */
  pathOf(file: File): string;
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
  pathOf: (file) => webUtils.getPathForFile(file),
};

contextBridge.exposeInMainWorld('llamba', bridge);
