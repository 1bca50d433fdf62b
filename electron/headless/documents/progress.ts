/** How far work on a document is, on a terminal's standard error. */
import type { DocumentEntry, PageRange } from '../../shared/documents.ts';

/** A line that is written again and again; nothing where nobody looks. */
export function terminalLine() {
  const { isTTY } = process.stderr;
  let shown = '';
  return {
    show(line: string): void {
      if (!isTTY) return;
      process.stderr.write(`\r${line.padEnd(shown.length)}`);
      shown = line;
    },
    end(): void {
      if (shown) process.stderr.write(`\r${' '.repeat(shown.length)}\r`);
      shown = '';
    },
  };
}

export function progressText({ pages, reading }: DocumentEntry): string {
  const { pagesRead, tokens, tokensRead, secondsLeft } = reading;
  const share = tokens > 0 ? Math.floor((100 * tokensRead) / tokens) : 0;
  const left = secondsLeft === null ? '' : `, ${timeText(secondsLeft)} left`;
  return `${String(share).padStart(3)} %  ${countPages(pagesRead)} of ${pages} pages${left}`;
}

export const countPages = (ranges: readonly PageRange[]): number =>
  ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);

/** 75 -> 1 min 15 s */
export function timeText(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
