/** The page of the smoke test in the interface's stead: Electron 9's Chromium 83 is too old for that one. */
import { client } from '../../../electron/shared/rpc.ts';

const bridge = (window as unknown as { llamba: import('../../../electron/shell/preload.ts').Bridge }).llamba;
Object.assign(window, {
  rpc: client({
    post: (frame) => bridge.post(frame),
    onFrame: (listener) => void bridge.subscribe(listener),
    onClose: () => undefined,
  }),
});

// Asked here: what a debugger evaluates is exempt from the page's policy.
let evalRan = true;
try {
  new Function('return 1')();
} catch {
  evalRan = false;
}
Object.assign(window, { evalRan });
