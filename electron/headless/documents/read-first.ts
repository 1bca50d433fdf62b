/** What a command needs of a document that was not read yet, or not whole: it is read first, in sight. */
import type { DocumentEntry } from '../../shared/documents.ts';
import { AppError, fromErrorValue } from '../../shared/errors.ts';
import type { Here } from './open.ts';
import { countPages, progressText, terminalLine } from './progress.ts';

export interface ReadNow {
  readonly document: DocumentEntry;
  /** Of the document, by this reading: 0 where everything was known. */
  readonly fedTokens: number;
  readonly ms: number;
}

/** Throws why it failed, or `cancelled` with what is read, and that it is kept. */
export async function readFirst({ rpc }: Here, document: string, signal: AbortSignal): Promise<ReadNow> {
  const began = performance.now();
  const line = terminalLine();
  /** What is told before is of no reading of ours. */
  let asked = false;
  /** Tokens that were known when the reading began. */
  let known: number | null = null;
  const { promise: ended, resolve } = Promise.withResolvers<DocumentEntry>();
  const stopListening = rpc.on('document.changed', (entry) => {
    if (entry.id !== document) return;
    const { phase, tokensRead } = entry.reading;
    if (phase === 'waiting') asked = true;
    else if (phase === 'running') {
      known ??= tokensRead;
      line.show(progressText(entry));
    } else if (asked) resolve(entry);
  });
  const pause = () => void rpc.call('documents.pause', { document }).then(resolve);
  signal.addEventListener('abort', pause);
  try {
    await rpc.call('documents.read', { document });
    if (signal.aborted) pause();
    const entry = await ended;
    const { phase, error, tokensRead, pagesRead } = entry.reading;
    if (phase === 'read') {
      return {
        document: entry,
        fedTokens: tokensRead - (known ?? tokensRead),
        ms: performance.now() - began,
      };
    }
    if (error) throw fromErrorValue(error);
    throw new AppError(
      'cancelled',
      `Paused: ${countPages(pagesRead)} of ${entry.pages} pages are read.`,
      'What was read is kept: the same command goes on from there.',
    );
  } finally {
    stopListening();
    signal.removeEventListener('abort', pause);
    line.end();
  }
}
