/** What a command needs of a document that was not read yet, or not whole: it is read first, in sight. */
import type { Library } from '../../core/documents/library.ts';
import { type Reading, readDocument } from '../../core/documents/reading.ts';
import type { Ready } from '../../core/loaded-model.ts';
import { AppError, toErrorValue } from '../../shared/errors.ts';
import { progressText, terminalLine } from './progress.ts';

/** Throws `cancelled` with what is read, and that it is kept. */
export async function readFirst(
  library: Library,
  ready: Ready,
  document: string,
  signal: AbortSignal,
): Promise<Reading> {
  const line = terminalLine();
  let told = '';
  try {
    return await readDocument(library, ready, document, {
      signal,
      onProgress: (now) => {
        told = `${now.pagesRead} of ${now.pages} pages are read`;
        line.show(progressText(now));
      },
    });
  } catch (error) {
    if (toErrorValue(error).code !== 'cancelled') throw error;
    throw new AppError(
      'cancelled',
      `Paused: ${told}.`,
      'What was read is kept: the same command goes on from there.',
    );
  } finally {
    line.end();
  }
}
