/** Reads one file after the other, in a process that may die of it: paths come in, outcomes go out. */
import { extractHere } from '../../../../electron/core/documents/text/extract-here.ts';
import { usualLimits } from '../../../../electron/core/documents/text/extracted.ts';

export interface Outcome {
  /** null: it was read. */
  readonly code: string | null;
  readonly message: string;
  readonly hint: string;
  readonly pages: number;
}

process.on('message', async (path: string) => {
  let outcome: Outcome;
  try {
    const { pages } = await extractHere(path, usualLimits, () => undefined);
    outcome = { code: null, message: '', hint: '', pages: pages.length };
  } catch (error) {
    const { code = 'none', message, hint = '', stack } = error as Error & { code?: string; hint?: string };
    outcome = { code, message: hint ? message : `${message} ${stack}`, hint, pages: 0 };
  }
  process.send?.(outcome);
});
