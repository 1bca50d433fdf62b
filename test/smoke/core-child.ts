/** The core for Electron 9 (electron/shell/core-e9.ts is the other end): many pages over this process's one channel. */
import { createCore } from '../../electron/core/core.ts';
import { spawnEngine } from '../../electron/engine/spawn.ts';
import { modelFolders, version } from '../../electron/headless/local-core.ts';

interface Message {
  readonly port: number;
  readonly open?: boolean;
  readonly close?: boolean;
  readonly frame?: unknown;
}

const core = createCore({
  host: 'electron',
  version,
  models: modelFolders(),
  data: null,
  startEngine: () => spawnEngine(),
  loadAtStart: true,
});
const pages = new Map<number, { frame: ((frame: unknown) => void)[]; close: (() => void)[] }>();

process.on('message', ({ port, open, close, frame }: Message) => {
  if (open) {
    const page = { frame: [] as ((frame: unknown) => void)[], close: [] as (() => void)[] };
    pages.set(port, page);
    core.accept({
      post: (answer) => process.send?.({ port, frame: answer }),
      onFrame: (listener) => void page.frame.push(listener),
      onClose: (listener) => void page.close.push(listener),
    });
    return;
  }
  const page = pages.get(port);
  if (close) {
    pages.delete(port);
    for (const listener of page?.close ?? []) listener();
  } else {
    for (const listener of page?.frame ?? []) listener(frame);
  }
});
process.on('disconnect', () => core.close().then(() => process.exit(0)));
