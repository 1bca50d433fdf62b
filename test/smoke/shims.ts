/** What Node 12 and Chromium 83 lack and the shell, the RPC or the probe use; injected into the test build alone. */
const define = (target: object, name: string, value: unknown) => {
  if (!(name in target)) Object.defineProperty(target, name, { value, configurable: true, writable: true });
};

define(URL, 'canParse', (text: string) => {
  try {
    return Boolean(new URL(text));
  } catch {
    return false;
  }
});
define(
  Object,
  'hasOwn',
  (object: object, key: PropertyKey) => Object.getOwnPropertyDescriptor(object, key) !== undefined,
);

/** As much of it as a call without a signal of its own needs. */
class Abort {
  signal = { aborted: false, addEventListener: () => undefined };
  abort() {
    this.signal.aborted = true;
  }
}
define(globalThis, 'AbortController', Abort);
