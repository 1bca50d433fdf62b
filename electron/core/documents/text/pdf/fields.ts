/** What was written into a form, or typed onto a page: PDF keeps it beside the page's own text. */
import type { PdfItem } from './fragments.ts';

/** An annotation of PDF.js, as far as it is text. */
export interface Annotation {
  readonly subtype?: unknown;
  readonly fieldType?: unknown;
  readonly fieldValue?: unknown;
  readonly options?: readonly { readonly exportValue: unknown; readonly displayValue: unknown }[];
  readonly contentsObj?: { readonly str?: unknown };
  readonly hidden?: unknown;
  readonly password?: unknown;
  /** Left, bottom, right, top, in the page's own space. */
  readonly rect?: readonly number[];
}

/** Points; a field is seldom set larger. */
const largest = 11;

/** Its lines where they are seen; none of what is hidden, pressed or secret. */
export function writtenOn(annotation: Annotation): PdfItem[] {
  const [left = 0, bottom = 0, right = 0, top = 0] = annotation.rect ?? [];
  const lines = textOf(annotation).split(/\r\n?|\n/);
  const pitch = (top - bottom) / lines.length;
  const size = Math.min(largest, 0.8 * pitch);
  if (!(size > 0)) return [];
  return lines.map((str, i) => ({
    str,
    transform: [size, 0, 0, size, left, top - (i + 0.75) * pitch],
    width: Math.min(right - left, 0.5 * size * str.length),
  }));
}

function textOf({
  subtype,
  fieldType,
  fieldValue,
  options,
  contentsObj,
  hidden,
  password,
}: Annotation): string {
  if (hidden === true || password === true) return '';
  if (subtype === 'FreeText') return typeof contentsObj?.str === 'string' ? contentsObj.str : '';
  if (subtype !== 'Widget' || (fieldType !== 'Tx' && fieldType !== 'Ch')) return '';
  return [fieldValue]
    .flat()
    .map((value) => options?.find(({ exportValue }) => exportValue === value)?.displayValue ?? value)
    .filter((value) => typeof value === 'string')
    .join(', ');
}
