/** From HTML and XHTML to blocks: what a reader would read, nothing of what a page does. */
import { Parser } from 'htmlparser2';
import { oneLine, tidy, tidyRaw } from './clean.ts';
import type { Block } from './sections.ts';
import { tableText } from './tables.ts';

const words = (text: string) => new Set(text.split(' '));
/** Scripts, styles, navigation, pictures, controls, the second reading of ruby, and what is not shown. */
const unread = words(
  'script style noscript template nav svg iframe frame object embed applet canvas audio video map select option button textarea input datalist dialog rp rt menu',
);
const lines = words(
  'p div section article aside main header footer address figure figcaption blockquote form fieldset legend details summary dl dt dd ul ol li hr table caption thead tbody tfoot body center hgroup search',
);
const heading = /^h[1-6]$/;
const hiddenRoles = words('navigation search banner contentinfo menu menubar toolbar');

/** A list that is longer is several blocks. */
const longestBlock = 20_000;

export interface Markup {
  readonly title: string;
  readonly blocks: Block[];
}

export function blocksOf(html: string): Markup {
  const blocks: Block[] = [];
  let title = '';
  let text = '';
  let skipped = 0;
  let [inTitle, inHeading, code] = [false, false, 0];
  const lists: { number: number | null }[] = [];
  const tables: string[][][] = [];

  const flush = () => {
    const body = code > 0 ? tidyRaw(text) : tidy(text);
    if (body)
      blocks.push(inHeading ? { type: 'heading', text: oneLine(body) } : { type: 'paragraph', text: body });
    text = '';
  };
  /** Where a block begins or ends. A list is one block of lines; in a table only cells and rows count. */
  const border = () => {
    const isInside = tables.length > 0 || lists.length > 0;
    if (isInside && text.length < longestBlock) text = newLine(text);
    else if (!inHeading && tables.length === 0) flush();
  };
  const openers: Record<string, (attributes: Record<string, string>) => void> = {
    title: () => {
      inTitle = title === '';
    },
    br: () => {
      text += '\n';
    },
    pre: () => {
      border();
      code++;
    },
    ul: () => lists.push({ number: null }),
    ol: ({ start }) => lists.push({ number: Number.parseInt(start ?? '1', 10) || 1 }),
    li: () => {
      const list = lists.at(-1);
      text = newLine(text);
      text += list?.number == null ? '- ' : `${list.number++}. `;
    },
    table: () => {
      if (tables.length === 0) flush();
      tables.push([]);
    },
    tr: () => tables.at(-1)?.push([]),
  };
  // A table within a cell is read as text of that cell.
  const cell = () => {
    if (tables.length !== 1) {
      text += ' ';
      return;
    }
    const rows = tables[0] as string[][];
    if (rows.length === 0) rows.push([]);
    rows.at(-1)?.push(tidy(text));
    text = '';
  };
  const closers: Record<string, () => void> = {
    title: () => {
      inTitle = false;
    },
    pre: () => {
      if (tables.length === 0 && lists.length === 0) flush();
      code--;
    },
    ul: () => lists.pop(),
    ol: () => lists.pop(),
    caption: () => {
      cell();
      tables.at(-1)?.push([]);
    },
    td: cell,
    th: cell,
    table: () => {
      const rows = tables.pop();
      if (!rows || tables.length > 0) return;
      const stray = tidy(text);
      text = '';
      for (const body of [stray, tableText(rows)]) if (body) blocks.push({ type: 'paragraph', text: body });
    },
  };

  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (skipped > 0 || unread.has(name) || isHidden(attributes)) {
          skipped++;
          return;
        }
        if (heading.test(name) && tables.length === 0) {
          flush();
          inHeading = true;
        } else if (lines.has(name)) border();
        if (Object.hasOwn(openers, name)) openers[name]?.(attributes);
      },
      onclosetag(name) {
        if (skipped > 0) {
          skipped--;
          return;
        }
        if (Object.hasOwn(closers, name)) closers[name]?.();
        if (heading.test(name) && inHeading) {
          flush();
          inHeading = false;
        } else if (lines.has(name)) border();
      },
      ontext(piece) {
        if (skipped > 0) return;
        if (inTitle) title += piece;
        else text += code > 0 ? piece : piece.replace(/\s+/g, ' ');
      },
    },
    { decodeEntities: true, recognizeSelfClosing: isXml(html), recognizeCDATA: isXml(html) },
  );
  parser.end(html);
  flush();
  return { title: oneLine(title), blocks };
}

/** A line that holds nothing, or only the mark of an item, goes on. */
const newLine = (text: string) =>
  /(^|\n)[ \t]*(- |\d+\. )?[ \t]*$/.test(text.slice(-24)) ? text : `${text}\n`;

const isXml = (html: string) => /^\s*<\?xml|<html[^>]{0,2000}xmlns/i.test(html.slice(0, 4096));

const isHidden = (attributes: Record<string, string>) =>
  'hidden' in attributes ||
  attributes['aria-hidden'] === 'true' ||
  hiddenRoles.has(attributes.role ?? '') ||
  /display\s*:\s*none|visibility\s*:\s*hidden/i.test(attributes.style ?? '');
