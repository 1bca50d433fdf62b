/** A signal that Ctrl-C aborts once; the second Ctrl-C ends the process as usual. */
export function untilInterrupt(): AbortSignal {
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  return abort.signal;
}
