/**
 * The core for the smoke test's Electron 9, whose Node 12 cannot run it: in a Node of today (LLAMBA_CORE_NODE runs
 * LLAMBA_CORE_SCRIPT), frames relayed unchanged over the child's channel. Only the test build has this file.
 */
import { spawn } from 'node:child_process';
import type { Port } from '../shared/rpc.ts';
import type { openCore as modern } from './core-here.ts';

export const openCore: typeof modern = async () => {
  const { LLAMBA_CORE_NODE: node = '', LLAMBA_CORE_SCRIPT: script = '' } = process.env;
  const child = spawn(node, [script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ports = new Map<number, Port>();
  let count = 0;
  child.on('message', (message) => {
    const { port, frame } = message as { port: number; frame: unknown };
    ports.get(port)?.post(frame);
  });
  return {
    accept(page) {
      const port = ++count;
      ports.set(port, page);
      child.send({ port, open: true });
      page.onFrame((frame) => void child.send({ port, frame }));
      page.onClose(() => {
        ports.delete(port);
        if (child.connected) child.send({ port, close: true });
      });
    },
    close: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.disconnect();
      }),
  };
};
