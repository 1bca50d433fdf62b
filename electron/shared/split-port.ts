/** The router of every host: a page's calls to `shell.*` are answered by the host, all others by core. */
import type { Port } from './rpc.ts';

const isShellCall = (frame: unknown): boolean => {
  const method = (frame as { m?: unknown } | null)?.m;
  return typeof method === 'string' && method.startsWith('shell.');
};

/** Frames without a method (a cancel names only its call's id) go both ways: who does not know the id ignores them. */
const hasMethod = (frame: unknown): boolean => typeof (frame as { m?: unknown } | null)?.m === 'string';

/** Two ports that share one page: each hears its own calls and both answer. */
export function splitPort(page: Port): { shell: Port; core: Port } {
  const hearing = (wanted: (frame: unknown) => boolean): Port => ({
    post: (frame) => page.post(frame),
    onFrame: (listener) =>
      page.onFrame((frame) => {
        if (wanted(frame)) listener(frame);
      }),
    onClose: (listener) => page.onClose(listener),
  });
  return {
    shell: hearing((frame) => isShellCall(frame) || !hasMethod(frame)),
    core: hearing((frame) => !isShellCall(frame)),
  };
}
