/** A table as lines that can be read: one row a line. */
import { oneLine } from './clean.ts';

/** Longer cells are the paragraphs of a layout, not data. */
const longestCell = 400;

export function tableText(rows: readonly (readonly string[])[]): string {
  const isLayout = rows.some((row) => row.some((cell) => cell.length > longestCell));
  return rows
    .map((row) => (isLayout ? row.filter(Boolean).join('\n\n') : rowText(row.map(oneLine))))
    .filter(Boolean)
    .join(isLayout ? '\n\n' : '\n');
}

/** Empty cells keep their place between others; a row of nothing is nothing. */
export const rowText = (cells: readonly string[]) =>
  cells.some(Boolean)
    ? cells
        .join(' | ')
        .replace(/( \| ?)+$/, '')
        .replace(/ {2,}/g, ' ')
        .trim()
    : '';
