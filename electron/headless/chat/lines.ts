/** Typed or piped lines, each asked for with a prompt. */
import { createInterface } from 'node:readline';

/** `onInterrupt` says whether Ctrl-C ends them. */
export async function* lines(onInterrupt: () => boolean): AsyncGenerator<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' });
  const interrupt = () => {
    if (onInterrupt()) terminal.close();
  };
  // A terminal in raw mode gives Ctrl-C to readline, any other input leaves it a signal.
  terminal.on('SIGINT', interrupt);
  process.on('SIGINT', interrupt);
  const iterator = terminal[Symbol.asyncIterator]();
  let ended = false;
  terminal.on('close', () => {
    ended = true;
  });
  try {
    for (;;) {
      if (!ended) terminal.prompt();
      const { value, done } = await iterator.next();
      if (done) return;
      yield value;
    }
  } finally {
    process.off('SIGINT', interrupt);
    terminal.close();
  }
}
