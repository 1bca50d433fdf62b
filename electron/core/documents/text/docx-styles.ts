/** Which of a DOCX file's styles make headings and which make items of a list. */
import { readXml } from './xml.ts';

/** Identifiers of styles. */
export interface Styles {
  readonly headings: ReadonlySet<string>;
  readonly items: ReadonlySet<string>;
}

/** By their outline level, their numbering, or their name in English, which stays whatever the program's language. */
export function readStyles(part: Uint8Array | null): Styles {
  const [headings, items] = [new Set<string>(), new Set<string>()];
  let style = '';
  if (part)
    readXml(part, {
      open: (name, { styleId = '', val = '' }) => {
        if (name === 'style') style = styleId;
        else if (!style) return;
        else if (name === 'name' && /^(heading \d|title)$/i.test(val)) headings.add(style);
        else if (name === 'outlineLvl' && Number(val) < 9) headings.add(style);
        else if (name === 'numPr') items.add(style);
      },
      close: (name) => {
        if (name === 'style') style = '';
      },
    });
  return { headings, items };
}
